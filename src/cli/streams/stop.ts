import type { Client } from '@temporalio/client';
import { DEFAULT_STREAM_ID, streamSignal, workflowType } from '../../domain/names.ts';
import type { StreamProgress } from '../../domain/run/progress.ts';
import {
  findRunOrStream,
  type FoundWorkflow,
  queryProgress,
  statusOf,
  withClient,
} from '../shared/client.ts';
import { UsageError } from '../shared/exit.ts';
import { runUrl } from '../shared/links.ts';
import { print } from '../shared/output.ts';
import { describeWaiting } from '../shared/waiting.ts';
import { followStream } from './follow.ts';
import { streamSummary } from './text.ts';

/** Stopping a stopped stream is not an error. */
export async function stopStream(
  workflowId = DEFAULT_STREAM_ID,
  { wait }: { readonly wait?: true },
): Promise<void> {
  await withClient(async (client, { temporal }) => {
    const found = await findRunOrStream(client, workflowId);
    const { handle, description } = found;
    if (statusOf(found) !== 'running') {
      const closedAt = description.closeTime ? ` at ${description.closeTime.toISOString()}` : '';
      print(
        `"${workflowId}" is not running: ${statusOf(found)}${closedAt}. See "imdb stream status ${workflowId}"`,
      );
      return;
    }
    const progress = await queryStoppable(client, found);
    await handle.signal(streamSignal.stop);
    print(`"${workflowId}" stops: it finishes the micro-batches in flight, then completes`);
    if (typeof progress !== 'object') {
      for (const line of await describeWaiting(client, found, progress !== 'no worker')) {
        print(`  first it ${line}`);
      }
    }
    if (!wait) return;
    const url = runUrl(temporal, workflowId, description.runId);
    const result = await followStream(client, { handle, url }, process.stdout);
    if (result) print(`${workflowId} completed: ${streamSummary(workflowId, result)}`);
  });
}

/** @throws UsageError for a run or its stream, which end by themselves and have no signal `stop` */
async function queryStoppable(client: Client, { handle, description }: FoundWorkflow) {
  const { workflowId } = handle;
  const isRun = description.type === workflowType.ratingPipeline;
  const progress = isRun ? undefined : await queryProgress<StreamProgress>(client, handle);
  const isBounded = typeof progress === 'object' && progress.position === undefined;
  if (!isRun && !isBounded && description.parentExecution === undefined) return progress;
  const run = isRun ? workflowId : (description.parentExecution?.workflowId ?? workflowId);
  throw new UsageError(
    `"${workflowId}" cannot be stopped: expected a continuous stream, got ${isRun ? 'a run' : 'a stream that ends by itself'}. ` +
      `Use "imdb pause ${run}", or cancel it in the UI`,
  );
}

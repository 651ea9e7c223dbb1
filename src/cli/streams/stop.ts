import type { Client } from '@temporalio/client';
import { DEFAULT_STREAM_ID, streamSignal, workflowType } from '../../domain/names.ts';
import type { StreamProgress } from '../../domain/run/progress.ts';
import { UsageError } from '../shared/output.ts';
import {
  findRunOrStream,
  type FoundWorkflow,
  NO_WORKER,
  queryProgress,
  statusOf,
  withClient,
} from '../shared/client.ts';
import { runUrl } from '../shared/links.ts';
import { pendingInStream } from '../shared/pending-work.ts';
import { followStream } from './follow.ts';
import { streamSummary } from './text.ts';

/** Stopping twice is no error: what was wanted is so. */
export async function stopStream(
  workflowId = DEFAULT_STREAM_ID,
  { wait }: { readonly wait?: true },
): Promise<void> {
  const print = (line: string) => void process.stdout.write(`${line}\n`);
  await withClient(async (client, { temporal }) => {
    const found = await findRunOrStream(client, workflowId);
    const { handle, description } = found;
    if (statusOf(found) !== 'running') {
      print(
        `"${workflowId}" is not running: it is ${statusOf(found)} since ${description.closeTime?.toISOString() ?? 'earlier'}. ` +
          `See "imdb stream status ${workflowId}"`,
      );
      return;
    }
    const progress = await stoppable(client, found);
    await handle.signal(streamSignal.stop);
    print(`"${workflowId}" is told to stop: micro-batches in flight are finished, then it completes`);
    if (progress === 'no worker') print(NO_WORKER);
    if (progress === 'opening') {
      for (const line of await pendingInStream(client, description.raw)) print(`  first it ${line}`);
    }
    if (!wait) return;
    const url = runUrl(temporal, workflowId, description.runId);
    const result = await followStream(client, { handle, url }, process.stdout);
    if (result) print(`${workflowId} completed: ${streamSummary(workflowId, result)}`);
  });
}

/** @throws UsageError when it is a run or its stream, which end by themselves and know no `stop` */
async function stoppable(client: Client, { handle, description }: FoundWorkflow) {
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

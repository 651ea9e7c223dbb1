import type { Client } from '@temporalio/client';
import type { TemporalSettings } from '../../config.ts';
import { DEFAULT_STREAM_ID } from '../../domain/names.ts';
import type { StreamProgress } from '../../domain/run/progress.ts';
import { describeFailure, runFailed } from '../shared/failures.ts';
import {
  findStream,
  type FoundWorkflow,
  NO_WORKER,
  queryProgress,
  statusOf,
  withClient,
} from '../shared/client.ts';
import { runUrl } from '../shared/links.ts';
import { pendingInStream } from '../shared/pending-work.ts';
import { type StreamResult, streamSummary, streamTable } from './text.ts';

interface StatusOptions {
  readonly json?: true;
}

/** @param workflowId of a stream, or of a run whose stream is meant */
export async function streamStatus(workflowId: string | undefined, options: StatusOptions): Promise<void> {
  await withClient(async (client, { temporal }) => {
    await showStream(client, temporal, await findStream(client, workflowId ?? DEFAULT_STREAM_ID), options);
  });
}

/** @throws RunFailed when that is how the stream ended */
export async function showStream(
  client: Client,
  temporal: TemporalSettings,
  found: FoundWorkflow,
  { json }: StatusOptions = {},
): Promise<void> {
  const { handle, description } = found;
  const { workflowId } = handle;
  const uiUrl = runUrl(temporal, workflowId, description.runId);
  const status = statusOf(found);
  const print = (line: string) => void (json ? process.stderr : process.stdout).write(`${line}\n`);
  const printJson = (facts: object) => {
    if (json) process.stdout.write(`${JSON.stringify({ workflowId, status, ...facts, uiUrl })}\n`);
  };
  print(`${workflowId}: ${status} – ${uiUrl}`);
  if (status === 'running') {
    const { text, facts } = await inProgress(client, found);
    print(text);
    printJson(facts);
    return;
  }
  try {
    const result = (await handle.result()) as StreamResult;
    print(streamSummary(workflowId, result));
    printJson({ result });
  } catch (error) {
    printJson({ failure: describeFailure(error) });
    throw runFailed(workflowId, uiUrl, error);
  }
}

async function inProgress(
  client: Client,
  { handle, description }: FoundWorkflow,
): Promise<{ text: string; facts: object }> {
  const [progress, waitsFor] = await Promise.all([
    queryProgress<StreamProgress>(client, handle),
    pendingInStream(client, description.raw),
  ]);
  const waiting = waitsFor.map((line) => `  ${line}`);
  if (progress === 'no worker') return { text: [NO_WORKER, ...waiting].join('\n'), facts: { waitsFor } };
  if (progress === 'opening') {
    const text = ['It is opening: it takes over from an earlier start and finds where it was.', ...waiting];
    return { text: text.join('\n'), facts: { waitsFor } };
  }
  return {
    text: [streamTable(handle.workflowId, progress), ...waiting].join('\n'),
    facts: { progress, waitsFor },
  };
}

import { setTimeout } from 'node:timers/promises';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { streamWorkflowId } from '../../domain/names.ts';
import type { PipelineProgress, StreamProgress } from '../../domain/run/progress.ts';
import type { PipelineResult } from '../../domain/run/step-results.ts';
import { queryProgress } from '../shared/client.ts';

const POLL_INTERVAL_MS = 200;

export interface RunSnapshot extends PipelineProgress {
  /** Of the stream, while it is being scored. */
  readonly stream?: StreamProgress;
}

/**
 * Follows a run by its queries, which leave no trace in the history.
 *
 * @returns the run's result
 * @throws WorkflowFailedError
 */
export async function watchRun(
  client: Client,
  handle: WorkflowHandle,
  onSnapshot: (snapshot: RunSnapshot) => void,
): Promise<PipelineResult> {
  const ended = new AbortController();
  const result = (handle.result() as Promise<PipelineResult>).finally(() => {
    ended.abort();
  });
  // The poll must not hide the run's failure, which is awaited below.
  result.catch(() => undefined);
  while (!ended.signal.aborted) {
    const snapshot = await fetchSnapshot(client, handle);
    if (snapshot) onSnapshot(snapshot);
    await Promise.race([result.catch(() => undefined), setTimeout(POLL_INTERVAL_MS)]);
  }
  const last = await fetchSnapshot(client, handle);
  if (last) onSnapshot(last);
  return result;
}

/** Undefined while no worker can answer. */
export async function fetchSnapshot(
  client: Client,
  handle: WorkflowHandle,
): Promise<RunSnapshot | undefined> {
  const progress = await query<PipelineProgress>(client, handle);
  if (!progress) return undefined;
  const isScoring = progress.steps.some(({ step, state }) => step === 'score stream' && state === 'running');
  const stream = isScoring
    ? await query<StreamProgress>(client, client.workflow.getHandle(streamWorkflowId(handle.workflowId)))
    : undefined;
  return { ...progress, ...(stream && { stream }) };
}

async function query<T extends object>(client: Client, handle: WorkflowHandle): Promise<T | undefined> {
  const answer = await queryProgress<T>(client, handle);
  return typeof answer === 'string' ? undefined : answer;
}

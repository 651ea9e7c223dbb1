import type { Client } from '@temporalio/client';
import type { TemporalSettings } from '../../config.ts';
import { workflowType } from '../../domain/names.ts';
import type { PipelineResult } from '../../domain/run/step-results.ts';
import { operatorNotes, runFailed } from '../shared/failures.ts';
import { findRunOrStream, type FoundWorkflow, NO_WORKER, statusOf, withClient } from '../shared/client.ts';
import { runUrl } from '../shared/links.ts';
import { pendingWork } from '../shared/pending-work.ts';
import { showStream } from '../streams/status.ts';
import { describeStep } from './progress-view.ts';
import { resultTable } from './result-table.ts';
import { fetchSnapshot } from './watch.ts';

export async function status(workflowId: string): Promise<void> {
  await withClient(async (client, { temporal }) => {
    const found = await findRunOrStream(client, workflowId);
    const isRun = found.description.type === workflowType.ratingPipeline;
    await (isRun ? showRun : showStream)(client, temporal, found);
  });
}

async function showRun(
  client: Client,
  temporal: TemporalSettings,
  { handle, description }: FoundWorkflow,
): Promise<void> {
  const { workflowId } = handle;
  const print = (line: string) => void process.stdout.write(`${line}\n`);
  const state = statusOf({ description });
  const url = runUrl(temporal, workflowId, description.runId);
  print(`${workflowId}: ${state} – ${url}`);
  if (state === 'completed') {
    print(resultTable((await handle.result()) as PipelineResult));
    return;
  }
  if (state !== 'running') {
    const error: unknown = await handle.result().catch((failure: unknown): unknown => failure);
    throw runFailed(workflowId, url, error);
  }
  const snapshot = await fetchSnapshot(client, handle);
  if (!snapshot) print(NO_WORKER);
  for (const step of snapshot?.steps ?? []) {
    if (step.state !== 'pending') print(`${step.state === 'done' ? '✔' : '…'} ${describeStep(step)}`);
  }
  for (const line of pendingWork(client, description.raw)) print(`  ${line}`);
  for (const note of snapshot ? operatorNotes(workflowId, snapshot) : []) print(note);
}

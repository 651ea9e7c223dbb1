import type { Client } from '@temporalio/client';
import type { TemporalSettings } from '../../config.ts';
import { workflowType } from '../../domain/names.ts';
import type { PipelineResult } from '../../domain/run/step-results.ts';
import { findRunOrStream, type FoundWorkflow, statusOf, withClient } from '../shared/client.ts';
import { operatorNotes, runFailed } from '../shared/failures.ts';
import { runUrl } from '../shared/links.ts';
import { print } from '../shared/output.ts';
import { describeWaiting } from '../shared/waiting.ts';
import { showStream } from '../streams/status.ts';
import { describeStep, querySnapshot } from './progress.ts';
import { resultTable } from './result.ts';

export async function status(workflowId: string): Promise<void> {
  await withClient(async (client, { temporal }) => {
    const found = await findRunOrStream(client, workflowId);
    const isRun = found.description.type === workflowType.ratingPipeline;
    await (isRun ? showRun : showStream)(client, temporal, found);
  });
}

async function showRun(client: Client, temporal: TemporalSettings, found: FoundWorkflow): Promise<void> {
  const { handle, description } = found;
  const { workflowId } = handle;
  const state = statusOf(found);
  const url = runUrl(temporal, workflowId, description.runId);
  print(`${workflowId}: ${state} – ${url}`);
  if (state !== 'running') {
    const result = (handle.result() as Promise<PipelineResult>).catch((error: unknown) => {
      throw runFailed(workflowId, url, error);
    });
    print(resultTable(await result));
    return;
  }
  const answer = await querySnapshot(client, handle);
  const snapshot = typeof answer === 'object' ? answer : undefined;
  for (const step of snapshot?.steps ?? []) {
    if (step.state !== 'pending') print(`${step.state === 'done' ? '✔' : '…'} ${describeStep(step)}`);
  }
  for (const line of await describeWaiting(client, found, snapshot !== undefined)) print(`  ${line}`);
  for (const note of snapshot ? operatorNotes(workflowId, snapshot) : []) print(note);
}

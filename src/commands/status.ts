import { WorkflowNotFoundError, type Client, type WorkflowHandle } from '@temporalio/client';
import { connectTemporalClient } from '../adapters/temporal-client.ts';
import { loadProcessConfig, type TemporalSettings } from '../config.ts';
import { workflowType } from '../domain/names.ts';
import type { PipelineResult } from '../domain/step-results.ts';
import { runFailed } from './describe-failure.ts';
import { UsageError } from './exit.ts';
import { runUrl } from './links.ts';
import { describeStep } from './progress-view.ts';
import { resultTable } from './result-table.ts';
import { fetchSnapshot } from './watch-run.ts';

export async function status(workflowId: string): Promise<void> {
  const { temporal } = loadProcessConfig();
  const { client, close } = await connectTemporalClient(temporal);
  try {
    const handle = client.workflow.getHandle(workflowId);
    await showRun(client, temporal, handle);
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
    const namespace = client.options.namespace;
    throw new UsageError(`no run "${workflowId}" in namespace "${namespace}"`, { cause: error });
  } finally {
    await close();
  }
}

async function showRun(client: Client, temporal: TemporalSettings, handle: WorkflowHandle): Promise<void> {
  const print = (line: string) => void process.stdout.write(`${line}\n`);
  const { status, runId, raw, type } = await handle.describe();
  const isPipeline = type === workflowType.ratingPipeline;
  const url = runUrl(temporal, handle.workflowId, runId);
  print(`${handle.workflowId}: ${status.name.toLowerCase()} – ${url}`);
  if (status.name === 'COMPLETED') {
    const result: unknown = await handle.result();
    print(isPipeline ? resultTable(result as PipelineResult) : JSON.stringify(result));
    return;
  }
  if (status.name !== 'RUNNING') {
    const error: unknown = await handle.result().catch((failure: unknown): unknown => failure);
    throw runFailed(handle.workflowId, url, error);
  }
  const snapshot = isPipeline ? await fetchSnapshot(client, handle) : undefined;
  if (isPipeline && !snapshot)
    print('No worker answers; the run goes on when one polls its task queue ("imdb worker").');
  for (const step of snapshot?.steps ?? []) {
    if (step.state !== 'pending') print(`${step.state === 'done' ? '✔' : '…'} ${describeStep(step)}`);
  }
  for (const { workflowId } of raw.pendingChildren ?? []) print(`  waits for its child ${workflowId}`);
  for (const { activityType, attempt, lastFailure } of raw.pendingActivities ?? []) {
    const failure = lastFailure
      ? `, last error: ${lastFailure.applicationFailureInfo?.type ?? 'timeout'}: ${lastFailure.message ?? ''}`
      : '';
    print(`  waits for ${activityType?.name ?? 'an activity'}, attempt ${attempt ?? 1}${failure}`);
  }
}

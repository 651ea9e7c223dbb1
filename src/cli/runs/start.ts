import { type Client, WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import { workflowType } from '../../domain/names.ts';
import { describeInput, type PipelineInputJson } from '../../domain/run/pipeline-input.ts';
import type { PipelineResult } from '../../domain/run/step-results.ts';
import { loadProcessConfig, type TemporalSettings } from '../../config.ts';
import { runFailed } from '../shared/failures.ts';
import { resultJson, UsageError } from '../shared/output.ts';
import { runUrl } from '../shared/links.ts';
import { connectTemporalClient } from '../../adapters/temporal/client.ts';
import { readRunInput, type RunInputOptions } from '../shared/run-input.ts';
import { createProgressView } from './progress-view.ts';
import { watchRun } from './watch.ts';
import { resultTable } from './result-table.ts';

export interface StartedRun {
  readonly handle: WorkflowHandle;
  readonly url: string;
}

export async function startRun(
  client: Client,
  temporal: TemporalSettings,
  run: { readonly workflowId: string; readonly taskQueue: string; readonly input: PipelineInputJson },
): Promise<StartedRun> {
  const { workflowId, taskQueue, input } = run;
  const handle = await client.workflow.start(workflowType.ratingPipeline, {
    workflowId,
    taskQueue,
    args: [input],
    staticDetails: describeInput(input),
  });
  return { handle, url: runUrl(temporal, workflowId, handle.firstExecutionRunId) };
}

/** `rating-2026-11-22T02-00-00`: sorts in the UI, and is typed without quotes. */
export function newWorkflowId(prefix: string): string {
  return `${prefix}-${new Date().toISOString().slice(0, 19).replaceAll(':', '-')}`;
}

/**
 * Shows the run's progress until it ends.
 *
 * @throws RunFailed in one line: step, type, message, link; UsageError when the server is lost, the run goes on
 */
export async function followRun(
  client: Client,
  { handle, url }: StartedRun,
  stream: NodeJS.WriteStream,
): Promise<PipelineResult> {
  const view = createProgressView(stream, handle.workflowId);
  try {
    const result = await watchRun(client, handle, view.update);
    await view.end('completed');
    return result;
  } catch (error) {
    await view.end('failed');
    if (!(error instanceof WorkflowFailedError))
      throw new UsageError(lostSight(handle.workflowId, url, error), { cause: error });
    throw runFailed(handle.workflowId, url, error);
  }
}

function lostSight(workflowId: string, url: string, error: unknown): string {
  const reason = error instanceof Error ? error.message : String(error);
  return `lost sight of ${workflowId}, which goes on without us: ${reason} – ${url}`;
}

export async function run(
  options: RunInputOptions & { readonly id?: string; readonly wait?: true; readonly json?: true },
): Promise<void> {
  const config = loadProcessConfig();
  const input = await readRunInput(options);
  const { client, close } = await connectTemporalClient(config.temporal);
  try {
    const { taskQueue, temporal } = config;
    const workflowId = options.id ?? newWorkflowId('rating');
    const started = await startRun(client, temporal, { workflowId, taskQueue, input });
    const out = options.json ? process.stderr : process.stdout;
    out.write(`${workflowId} started: ${started.url}\n`);
    if (!options.wait) {
      if (options.json) process.stdout.write(`${JSON.stringify({ workflowId, uiUrl: started.url })}\n`);
      return;
    }
    const result = await followRun(client, started, out);
    out.write(`${resultTable(result)}\n`);
    if (options.json) {
      process.stdout.write(resultJson(workflowId, result, started.url));
    }
  } finally {
    await close();
  }
}

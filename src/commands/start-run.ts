import { WorkflowFailedError, type Client, type WorkflowHandle } from '@temporalio/client';
import { workflowType } from '../domain/names.ts';
import { describeInput, type PipelineInputJson } from '../domain/pipeline-input.ts';
import type { PipelineResult } from '../domain/step-results.ts';
import type { TemporalSettings } from '../config.ts';
import { runFailed } from './describe-failure.ts';
import { UsageError } from './exit.ts';
import { runUrl } from './links.ts';
import { createProgressView } from './progress-view.ts';
import { watchRun } from './watch-run.ts';

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

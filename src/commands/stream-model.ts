import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { workflowType } from '../domain/names.ts';
import type { ModelRef } from '../domain/stream-input.ts';
import { UsageError } from './exit.ts';
import { fetchFinishedRun } from './model-run.ts';

export interface ResolvedModel {
  readonly model: ModelRef;
  /** For people. */
  readonly from: string;
}

/** Visibility sorts by time of closing, but does not promise it. */
const LOOKED_AT = 20;

/** @throws UsageError when that run has no model */
export async function modelOfRun(client: Client, workflowId: string): Promise<ResolvedModel> {
  try {
    return { model: await fetchModel(client, workflowId), from: workflowId };
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
    throw new UsageError(
      `--model ${workflowId}: expected the workflow id of a finished run, but namespace ` +
        `"${client.options.namespace}" has no run of that id`,
      { cause: error },
    );
  }
}

/** Of this task queue: its workers share an artifact store, which others may not reach. */
export async function newestModel(client: Client, taskQueue: string): Promise<ResolvedModel> {
  const query =
    `WorkflowType = '${workflowType.ratingPipeline}' AND ExecutionStatus = 'Completed' ` +
    `AND TaskQueue = ${JSON.stringify(taskQueue)}`;
  const runs = [];
  for await (const run of client.workflow.list({ query, pageSize: LOOKED_AT })) {
    if (runs.push(run) === LOOKED_AT) break;
  }
  const closedAtMs = ({ closeTime }: { closeTime?: Date }) => closeTime?.getTime() ?? 0;
  const [newest] = runs.sort((a, b) => closedAtMs(b) - closedAtMs(a));
  if (!newest) {
    throw new UsageError(
      `no model to score with: no run on task queue "${taskQueue}" has completed. ` +
        'Train one with "imdb run --wait", or name a finished run with --model',
    );
  }
  const { workflowId, runId } = newest;
  return {
    model: await fetchModel(client, workflowId, runId),
    from: `${workflowId}, the newest completed run`,
  };
}

async function fetchModel(client: Client, workflowId: string, runId?: string): Promise<ModelRef> {
  const { model } = await fetchFinishedRun(client, workflowId, runId);
  const { version, artifact } = model;
  return { version, artifact };
}

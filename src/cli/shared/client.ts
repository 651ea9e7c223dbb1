import {
  type Client,
  QueryNotRegisteredError,
  type WorkflowExecutionDescription,
  type WorkflowHandle,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import { PROGRESS_QUERY, streamWorkflowId, workflowType } from '../../domain/names.ts';
import { connectTemporalClient } from '../../adapters/temporal/client.ts';
import { type Config, loadProcessConfig } from '../../config.ts';
import { UsageError } from './output.ts';

/** A worker that is there answers in milliseconds; one that has to replay a long history, in seconds. */
export const ANSWER_WITHIN_MS = 10_000;

/** `opening`: a stream answers only when its first activity, `openStream`, is done. */
export type NoAnswer = 'no worker' | 'opening';

/** Queries leave no trace in the history. */
export async function queryProgress<T extends object>(
  client: Client,
  handle: WorkflowHandle,
): Promise<T | NoAnswer> {
  try {
    return await client.withDeadline(Date.now() + ANSWER_WITHIN_MS, () => handle.query<T>(PROGRESS_QUERY));
  } catch (error) {
    return error instanceof QueryNotRegisteredError ? 'opening' : 'no worker';
  }
}

export const NO_WORKER = 'No worker answers; the work goes on when one polls its task queue ("imdb worker").';

/**
 * Sends an update and waits for what the workflow made of it.
 *
 * @param noWorker what to say when nobody answers
 * @throws UsageError with the workflow's own words when it refuses
 */
export async function sendUpdate<T>(
  client: Client,
  handle: WorkflowHandle,
  update: string,
  args: [unknown],
  noWorker: (cause: unknown) => UsageError,
): Promise<T> {
  try {
    return await client.withDeadline(Date.now() + ANSWER_WITHIN_MS, () =>
      handle.executeUpdate<T, [unknown]>(update, { args }),
    );
  } catch (error) {
    if (error instanceof WorkflowUpdateFailedError) {
      throw new UsageError(error.cause?.message ?? error.message, { cause: error });
    }
    if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError) throw noWorker(error);
    throw error;
  }
}

export interface FoundWorkflow {
  readonly handle: WorkflowHandle;
  readonly description: WorkflowExecutionDescription;
}

const RUN_OR_STREAM = [workflowType.ratingPipeline, workflowType.scoreStream];

/**
 * A run or a stream, by its workflow id.
 *
 * @throws UsageError when there is no workflow of that id, or it is neither
 */
export async function findRunOrStream(client: Client, workflowId: string): Promise<FoundWorkflow> {
  return findOf(client, workflowId, 'run or stream', RUN_OR_STREAM);
}

/** The same, or a micro-batch. */
export async function findRunStreamOrBatch(client: Client, workflowId: string): Promise<FoundWorkflow> {
  const types = [...RUN_OR_STREAM, workflowType.scoreMicroBatch];
  return findOf(client, workflowId, 'run, stream or micro-batch', types);
}

async function findOf(
  client: Client,
  workflowId: string,
  what: string,
  types: readonly string[],
): Promise<FoundWorkflow> {
  const found = await findWorkflow(client, workflowId);
  if (!found) {
    const namespace = client.options.namespace;
    throw new UsageError(`no ${what} "${workflowId}" in namespace "${namespace}"`);
  }
  const { type } = found.description;
  if (types.includes(type)) return found;
  throw new UsageError(`"${workflowId}" is no ${what}: expected ${types.join(' or ')}, got ${type}`);
}

/** @param workflowId of a stream, or of a run whose stream is meant */
export async function findStream(client: Client, workflowId: string): Promise<FoundWorkflow> {
  const found = await findRunOrStream(client, workflowId);
  if (found.description.type === workflowType.scoreStream) return found;
  const stream = await findWorkflow(client, streamWorkflowId(workflowId));
  if (stream) return stream;
  throw new UsageError(
    `run "${workflowId}" has no stream: ${statusOf(found)}, it has not come to its step "score stream". ` +
      `See "imdb status ${workflowId}"`,
  );
}

/** `running`, `timed out`, … */
export function statusOf({ description: { status } }: Pick<FoundWorkflow, 'description'>): string {
  return status.name.toLowerCase().replaceAll('_', ' ');
}

/** @returns undefined when there is no such workflow, or no longer */
export async function findWorkflow(
  client: Client,
  workflowId: string,
  runId?: string,
): Promise<FoundWorkflow | undefined> {
  const handle = client.workflow.getHandle(workflowId, runId);
  try {
    return { handle, description: await handle.describe() };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}

/** @throws ConfigError, TemporalUnreachable, and what `work` throws */
export async function withClient(work: (client: Client, config: Config) => Promise<void>): Promise<void> {
  const config = loadProcessConfig();
  const { client, close } = await connectTemporalClient(config.temporal);
  try {
    await work(client, config);
  } finally {
    await close();
  }
}

import {
  type Client,
  isGrpcServiceError,
  QueryNotRegisteredError,
  ServiceError,
  type WorkflowExecutionDescription,
  type WorkflowHandle,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import type { Tracing } from '../../adapters/otel/tracing.ts';
import { connectTemporalClient } from '../../adapters/temporal/client.ts';
import { type Config, loadProcessConfig } from '../../config.ts';
import { PROGRESS_QUERY, streamWorkflowId, workflowType } from '../../domain/names.ts';
import { describeError, UsageError } from './exit.ts';

/**
 * Gives a command its connection to Temporal, and closes it afterwards.
 *
 * @throws ConfigError, TemporalUnreachable, and what `work` throws; a refused or lost connection as UsageError
 */
export async function withClient<T>(
  work: (client: Client, config: Config) => Promise<T>,
  config: Config = loadProcessConfig(),
): Promise<T> {
  const tracing = await openTracing(config);
  const { client, close } = await connectTemporalClient(config.temporal, tracing ? [tracing.client] : []);
  try {
    return await work(client, config);
  } catch (error) {
    const problem = describeCallProblem(error);
    throw problem === undefined ? error : new UsageError(problem, { cause: error });
  } finally {
    await close();
    await tracing?.close();
  }
}

async function openTracing({ traces }: Config): Promise<Tracing | undefined> {
  if (!traces) return undefined;
  const { startTracing } = await import('../../adapters/otel/tracing.ts');
  // A run does not depend on its trace; the worker logs that the collector is away.
  return startTracing(traces, () => undefined);
}

const GRPC = { deadlineExceeded: 4, permissionDenied: 7, unavailable: 14, unauthenticated: 16 } as const;

function grpcCodeOf(error: unknown): number | undefined {
  const inner = error instanceof ServiceError ? error.cause : error;
  return isGrpcServiceError(inner) ? inner.code : undefined;
}

function isRefused(error: unknown): boolean {
  const code = grpcCodeOf(error);
  return code === GRPC.permissionDenied || code === GRPC.unauthenticated;
}

/** Only for calls that need no worker, because a query also times out when no worker runs. */
export function isServerLost(error: unknown): boolean {
  const code = grpcCodeOf(error);
  return code === GRPC.unavailable || code === GRPC.deadlineExceeded;
}

/** A refused or lost connection to the server, in one line; undefined for any other error. */
export function describeCallProblem(error: unknown): string | undefined {
  if (isRefused(error)) {
    return `no permission: ${describeError(error)}. Check TEMPORAL_NAMESPACE, and the API key or certificate`;
  }
  if (isServerLost(error)) return `connection to the Temporal server lost: ${describeError(error)}`;
  return undefined;
}

/** A running worker answers in milliseconds; one that has to replay a long history, in seconds. */
export const ANSWER_WITHIN_MS = 10_000;

/** `opening`: a stream answers only when its first activity, `openStream`, is done. */
export type NoAnswer = 'no worker' | 'opening';

/**
 * Asks for the progress; a query adds nothing to the history.
 *
 * @throws the server's error when it refuses, is lost, or does not know the workflow
 */
export async function queryProgress<T extends object>(
  client: Client,
  handle: WorkflowHandle,
): Promise<T | NoAnswer> {
  try {
    return await client.withDeadline(Date.now() + ANSWER_WITHIN_MS, () => handle.query<T>(PROGRESS_QUERY));
  } catch (error) {
    if (error instanceof QueryNotRegisteredError) return 'opening';
    const isServerError = isRefused(error) || grpcCodeOf(error) === GRPC.unavailable;
    if (isServerError || error instanceof WorkflowNotFoundError) throw error;
    return 'no worker';
  }
}

/**
 * Sends an update and waits for its result.
 *
 * @param noWorker creates the error for a missing worker; the update stays with the server, and the next worker may do it
 * @param updateId two updates of the same id are done once
 * @throws UsageError with the workflow's message when it refuses
 */
export async function sendUpdate<T>(
  client: Client,
  handle: WorkflowHandle,
  update: string,
  args: [unknown],
  noWorker: (cause: unknown) => UsageError,
  updateId?: string,
): Promise<T> {
  try {
    return await client.withDeadline(Date.now() + ANSWER_WITHIN_MS, () =>
      handle.executeUpdate<T, [unknown]>(update, { args, ...(updateId && { updateId }) }),
    );
  } catch (error) {
    if (error instanceof WorkflowUpdateFailedError) {
      throw new UsageError(error.cause?.message ?? describeError(error), { cause: error });
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
  throw new UsageError(`"${workflowId}" is not a ${what}: expected ${types.join(' or ')}, got ${type}`);
}

/** @param workflowId of a stream, or of the run that started it */
export async function findStream(client: Client, workflowId: string): Promise<FoundWorkflow> {
  const found = await findRunOrStream(client, workflowId);
  if (found.description.type === workflowType.scoreStream) return found;
  const stream = await findWorkflow(client, streamWorkflowId(workflowId));
  if (stream) return stream;
  throw new UsageError(
    `run "${workflowId}" has no stream: it is ${statusOf(found)} and did not reach its step "score stream". ` +
      `See "imdb status ${workflowId}"`,
  );
}

/** `running`, `timed out`, … */
export function statusOf({ description: { status } }: Pick<FoundWorkflow, 'description'>): string {
  return statusText(status.name);
}

export function statusText(name: string): string {
  return name.toLowerCase().replaceAll('_', ' ');
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

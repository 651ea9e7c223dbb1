import {
  WorkflowNotFoundError,
  type Client,
  type WorkflowExecutionDescription,
  type WorkflowHandle,
} from '@temporalio/client';
import { streamWorkflowId, workflowType } from '../domain/names.ts';
import { UsageError } from './exit.ts';

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

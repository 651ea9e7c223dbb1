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

/**
 * A run or a stream, by its workflow id.
 *
 * @throws UsageError when there is no workflow of that id, or it is neither
 */
export async function findRunOrStream(client: Client, workflowId: string): Promise<FoundWorkflow> {
  const found = await find(client, workflowId);
  if (!found) {
    const namespace = client.options.namespace;
    throw new UsageError(`no run or stream "${workflowId}" in namespace "${namespace}"`);
  }
  const { ratingPipeline, scoreStream } = workflowType;
  const { type } = found.description;
  if (type === ratingPipeline || type === scoreStream) return found;
  throw new UsageError(
    `"${workflowId}" is neither a run nor a stream: expected ${ratingPipeline} or ${scoreStream}, got ${type}`,
  );
}

/** @param workflowId of a stream, or of a run whose stream is meant */
export async function findStream(client: Client, workflowId: string): Promise<FoundWorkflow> {
  const found = await findRunOrStream(client, workflowId);
  if (found.description.type === workflowType.scoreStream) return found;
  const stream = await find(client, streamWorkflowId(workflowId));
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

async function find(client: Client, workflowId: string): Promise<FoundWorkflow | undefined> {
  const handle = client.workflow.getHandle(workflowId);
  try {
    return { handle, description: await handle.describe() };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}

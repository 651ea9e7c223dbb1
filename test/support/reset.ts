import { randomUUID } from 'node:crypto';
import type { Client, WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';

/**
 * Resets a run as the UI does.
 *
 * @param eventId of the step, as its progress names it
 * @returns the run id of the new execution
 */
export async function resetTo(
  client: Client,
  run: WorkflowHandleWithFirstExecutionRunId,
  eventId: number,
): Promise<string> {
  const { runId } = await client.workflowService.resetWorkflowExecution({
    namespace: client.options.namespace,
    workflowExecution: { workflowId: run.workflowId, runId: run.firstExecutionRunId },
    reason: 'again',
    requestId: randomUUID(),
    workflowTaskFinishEventId: eventId as unknown as Long,
  });
  return runId;
}

import { randomUUID } from 'node:crypto';
import { repairUpdate } from '../../../src/domain/names.ts';
import { expectSoon, type Scene } from '../scene.ts';
import type { Claim } from '../strike.ts';

/** What an operator does in the UI: back to just before the step (activity or child) that failed last. */
export async function resetToFailedStep({ client, workflowId }: Scene): Promise<void> {
  const handle = client.workflow.getHandle(workflowId);
  const { runId } = await handle.describe();
  const { events } = await handle.fetchHistory();
  const begunAt = (events ?? []).flatMap(
    ({ activityTaskFailedEventAttributes, childWorkflowExecutionFailedEventAttributes }) =>
      activityTaskFailedEventAttributes?.scheduledEventId ??
      childWorkflowExecutionFailedEventAttributes?.initiatedEventId ??
      [],
  );
  const begun = events?.find(({ eventId }) => String(eventId) === String(begunAt.at(-1)));
  const decidedAt =
    begun?.activityTaskScheduledEventAttributes?.workflowTaskCompletedEventId ??
    begun?.startChildWorkflowExecutionInitiatedEventAttributes?.workflowTaskCompletedEventId;
  if (!decidedAt) throw new Error(`${workflowId} has no failed step to reset to`);
  await client.workflowService.resetWorkflowExecution({
    namespace: client.options.namespace,
    workflowExecution: { workflowId, runId },
    reason: 'the artifact was restored',
    workflowTaskFinishEventId: decidedAt,
    requestId: randomUUID(),
  });
}

/** The other way: the stream waits with its failed micro-batches until the operator wants them tried again. */
export async function retryFailedBatches({ client }: Scene, { workflowId }: Claim): Promise<void> {
  const stream = client.workflow.getHandle(workflowId.slice(0, workflowId.lastIndexOf('/')));
  // Refused until the stream has heard of the failure.
  await expectSoon('the failed micro-batch to be tried again', () =>
    stream.executeUpdate(repairUpdate.retryFailed).then(
      () => true,
      () => false,
    ),
  );
}

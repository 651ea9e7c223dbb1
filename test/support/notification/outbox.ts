import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { outboxWorkflowId } from '../../../src/domain/notification/notification.ts';
import { pollUntil } from '../poll-until.ts';

/** The outbox of a task queue has given everything to the receiver; at once when nothing was ever posted. */
export async function untilSent(client: Client, taskQueue: string): Promise<void> {
  await pollUntil('the outbox to be empty', async () =>
    (await outboxDetails(client, taskQueue)).includes(' 0 waiting,'),
  );
}

export async function outboxDetails(client: Client, taskQueue: string): Promise<string> {
  try {
    const { currentDetails } = await client.workflow
      .getHandle(outboxWorkflowId(taskQueue))
      .query<{ readonly currentDetails?: string }>('__temporal_workflow_metadata');
    return currentDetails ?? '';
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return '0 sent, 0 waiting, 0 given up';
    throw error;
  }
}

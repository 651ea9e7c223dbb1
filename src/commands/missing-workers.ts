import type { Client } from '@temporalio/client';
import type { NoWorkerFinding } from './diagnosis.ts';
import type { FoundWorkflow } from './find-workflow.ts';
import type { PendingFinding } from './pending-activities.ts';
import { isStillPolling, lastPoll, type QueueKind } from './queue-pollers.ts';
import { timeOf } from './time-text.ts';

interface WaitingQueue {
  readonly taskQueue: string;
  readonly kind: QueueKind;
  readonly since: string;
}

/**
 * The task queues on which this workflow waits in vain.
 *
 * @param quietSince when something last happened in it
 */
export async function findMissingWorkers(
  client: Client,
  { handle, description }: FoundWorkflow,
  activities: readonly PendingFinding[],
  quietSince: string,
  now: string,
): Promise<NoWorkerFinding[]> {
  const { taskQueue, raw } = description;
  const task = raw.pendingWorkflowTask;
  const since = timeOf(task?.originalScheduledTime ?? task?.scheduledTime) ?? quietSince;
  const own: WaitingQueue = { taskQueue, kind: 'workflow', since };
  const ofActivities = activities.flatMap((activity): WaitingQueue[] =>
    activity.state === 'running' || activity.taskQueue === undefined
      ? []
      : [{ taskQueue: activity.taskQueue, kind: 'activity', since: activity.since }],
  );
  // While an activity runs, somebody is there; a workflow waits for its own queue at the latest when that ends.
  const isBusy = activities.some(({ state }) => state === 'running');
  const waiting = [...(isBusy && !task ? [] : [own]), ...ofActivities];
  const found = await Promise.all(
    distinct(waiting).map(async ({ kind, ...queue }): Promise<NoWorkerFinding[]> => {
      const lastPollAt = await lastPoll(client, queue.taskQueue, kind);
      if (isStillPolling(lastPollAt, now)) return [];
      return [{ kind: 'no worker', workflowId: handle.workflowId, ...queue, lastPollAt }];
    }),
  );
  return found.flat();
}

function distinct(queues: readonly WaitingQueue[]): WaitingQueue[] {
  return [...new Map(queues.map((queue) => [`${queue.kind} ${queue.taskQueue}`, queue])).values()];
}

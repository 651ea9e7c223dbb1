import type { Client } from '@temporalio/client';
import type { NotificationOutbox } from '../../activities/notification/notify.ts';
import { workflowType } from '../../domain/names.ts';
import {
  NOTIFICATION_SIGNAL,
  NOTIFICATION_TYPES,
  outboxWorkflowId,
  type Notification,
  type NotificationEvent,
} from '../../domain/notification/notification.ts';

const TIMEOUT_MS = 10_000;

/** The outbox is a workflow, one for each task queue; the first notification starts it. */
export function createTemporalOutbox(
  client: Pick<Client, 'workflow'>,
  taskQueue: string,
  events: readonly NotificationEvent[],
): NotificationOutbox {
  const wanted = new Set<string>(events.map((event) => NOTIFICATION_TYPES[event]));
  return {
    async post(notification) {
      if (!wanted.has(notification.type)) return;
      await client.workflow.withDeadline(Date.now() + TIMEOUT_MS, () =>
        client.workflow.signalWithStart(workflowType.notifications, {
          workflowId: outboxWorkflowId(taskQueue),
          taskQueue,
          signal: NOTIFICATION_SIGNAL,
          signalArgs: [notification] satisfies [Notification],
          staticSummary: 'sends the notifications of runs, streams and registries',
        }),
      );
    },
  };
}

/** For a worker without NOTIFY_WEBHOOK. */
export const noOutbox: NotificationOutbox = { post: async () => undefined };

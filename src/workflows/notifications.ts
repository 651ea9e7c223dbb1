import {
  condition,
  continueAsNew,
  defineSignal,
  isCancellation,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { NOTIFICATION_SIGNAL, type Notification } from '../domain/notification/notification.ts';
import { createOutbox, outboxToMarkdown, type OutboxState } from '../domain/notification/outbox.ts';
import { describeTrouble } from '../domain/run/trouble.ts';
import { activities } from './activities.ts';
import { createWorkflowContext } from './context.ts';
import { rootCause } from './failure.ts';
import { announceTrouble, showTrouble } from './trouble/watch.ts';

const posted = defineSignal<[Notification]>(NOTIFICATION_SIGNAL);

/**
 * Sends the notifications of a task queue, one after the other, so that the receiver gets them in order. It outlives the
 * workflows that post them: none waits for the receiver. What the receiver refuses, or has not taken after a day, is
 * given up, and shown.
 */
export async function notifications(state?: OutboxState): Promise<void> {
  const context = createWorkflowContext();
  // A notification that the receiver is away would wait for the receiver.
  announceTrouble(() => undefined);
  const outbox = createOutbox(state);
  let trouble: string | null = null;
  const show = (): void => {
    setCurrentDetails(outboxToMarkdown(outbox.state(), trouble));
  };
  setHandler(
    posted,
    (notification) => {
      outbox.add(notification);
      show();
    },
    { description: 'From workflows: a notification to send' },
  );
  await context.open();
  showTrouble((found) => {
    trouble = found && describeTrouble(found);
    context.setAttributes({ PipelineState: found ? 'NeedsAttention' : 'Running' });
    show();
  });
  show();
  while (!isFull()) {
    await condition(() => outbox.next() !== undefined || isFull());
    const next = outbox.next();
    if (next === undefined) break;
    try {
      outbox.ended(await activities(`${next.type} of ${next.workflowId}`).sendNotification(next));
    } catch (error) {
      if (isCancellation(error)) throw error;
      outbox.ended(rootCause(error));
    }
    show();
  }
  await continueAsNew<typeof notifications>(outbox.state());
}

function isFull(): boolean {
  return workflowInfo().continueAsNewSuggested;
}

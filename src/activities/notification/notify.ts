import type { Notification } from '../../domain/notification/notification.ts';
import { withHeartbeat } from '../heartbeat.ts';

/** Port: where notifications wait until they are sent. */
export interface NotificationOutbox {
  /** The same id twice is one notification. What nobody wants to know is dropped. */
  post(notification: Notification): Promise<void>;
}

/** Port: sends notifications. */
export interface Notifier {
  /**
   * @returns why the receiver would refuse it again; null when it was accepted
   * @throws NotificationError when another attempt may help
   */
  send(notification: Notification, signal: AbortSignal): Promise<string | null>;
}

/** Gives a notification to the outbox: its workflow need not wait until the receiver has it. */
export function createNotify({ outbox }: { readonly outbox: NotificationOutbox }) {
  return async function notify(notification: Notification): Promise<void> {
    return withHeartbeat(() => outbox.post(notification));
  };
}

/** A retry sends the same event with the same id. */
export function createSendNotification({ notifier }: { readonly notifier: Notifier }) {
  return async function sendNotification(notification: Notification): Promise<string | null> {
    return withHeartbeat((signal) => notifier.send(notification, signal));
  };
}

import type { Notification } from '../../domain/run/notification.ts';
import { withHeartbeat } from '../heartbeat.ts';

/** Port: sends notifications. */
export interface Notifier {
  /** @throws NotificationError when the receiver did not accept it */
  send(notification: Notification, signal: AbortSignal): Promise<void>;
}

/** A retry sends the same event with the same id. */
export function createNotify({ notifier }: { readonly notifier: Notifier }) {
  return async function notify(notification: Notification): Promise<void> {
    return withHeartbeat((signal) => notifier.send(notification, signal));
  };
}

import type { Notifier } from '../../activities/notification/notify.ts';
import type { NotifySettings } from '../../config/notify-settings.ts';
import { NotificationError } from '../../domain/errors.ts';
import type { Notification } from '../../domain/notification/notification.ts';
import { createRedactor, secretsOfUrl } from '../../domain/redaction.ts';
import { workflowUrl } from '../../domain/run/ui-links.ts';
import { toCloudEvent } from './cloud-event.ts';
import type { Message } from './message.ts';
import { toSlackMessage } from './slack-message.ts';

/** A receiver that takes longer counts as down. */
const TIMEOUT_MS = 10_000;
/** Enough for a reason; a whole error page would not help. */
const MAX_ANSWER_CHARS = 200;
/** More than is shown, so that no secret is cut before it is recognized. */
const MAX_READ_CHARS = 10_000;
/** Statuses of a client's mistake that another attempt may not have. */
const RETRIED = [401, 403, 404, 408, 409, 410, 423, 425, 429];

/** @param uiUrl of the Temporal UI, up to the namespace */
export function createWebhookNotifier({ url, format }: NotifySettings, uiUrl: string): Notifier {
  const toMessage = (notification: Notification): Message => {
    const page = workflowUrl(uiUrl, notification.workflowId, notification.runId);
    return format.kind === 'slack'
      ? toSlackMessage(notification, page)
      : toCloudEvent(notification, page, format.secret);
  };
  return {
    async send(notification, signal) {
      let answer: Response;
      try {
        answer = await fetch(url, {
          method: 'POST',
          ...toMessage(notification),
          // A redirect would send the event to a receiver that the operator did not name.
          redirect: 'error',
          signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
        });
      } catch (cause) {
        throw refused(url, `no answer: ${reasonOf(cause)}`);
      }
      const text = await beginningOf(answer).catch(() => '');
      if (answer.ok) return null;
      const failure = refused(url, `status ${answer.status}: ${text}`);
      // The address or the login may be corrected; what is wrong with the message stays wrong.
      if (answer.status < 500 && !RETRIED.includes(answer.status)) return failure.message;
      throw failure;
    },
  };
}

/** For a worker without NOTIFY_WEBHOOK: another one may have it. */
export const noNotifier: Notifier = {
  async send() {
    throw new NotificationError({
      what: 'this worker has no receiver of notifications',
      expected: 'NOTIFY_WEBHOOK, as the worker that posted it had',
      hint: 'Set it for all workers of a task queue, or terminate the workflow to drop what waits',
    });
  },
};

/** Shows only the origin of the URL: the rest may contain a secret, which the receiver or fetch may repeat. */
function refused(url: string, got: string): NotificationError {
  return new NotificationError({
    what: 'the receiver did not accept a notification',
    where: new URL(url).origin,
    expected: 'an answer with status 2xx',
    got: createRedactor(secretsOfUrl(url))(got).slice(0, MAX_ANSWER_CHARS),
    hint: 'Check NOTIFY_WEBHOOK and its receiver',
  });
}

async function beginningOf({ body }: Response): Promise<string> {
  let text = '';
  for await (const part of body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += part;
    if (text.length >= MAX_READ_CHARS) break;
  }
  return text;
}

/** The message of fetch is "fetch failed"; its cause has the reason. */
function reasonOf(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error ? cause.message : message;
}

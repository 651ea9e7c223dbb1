import { createHmac } from 'node:crypto';
import type { Notifier } from '../../activities/run/notify.ts';
import type { WebhookSettings } from '../../config.ts';
import { NotificationError } from '../../domain/errors.ts';
import type { Notification } from '../../domain/run/notification.ts';
import { createRedactor, secretsOfUrl } from '../../domain/redaction.ts';

const SOURCE = 'imdb-temporal';
/** A receiver that takes longer counts as down. */
const TIMEOUT_MS = 10_000;
const CONTENT_TYPE = 'application/cloudevents+json; charset=utf-8';
/** Enough for a reason; a whole error page would not help. */
const MAX_ANSWER_CHARS = 200;
/** More than is shown, so that no secret is cut before it is recognized. */
const MAX_READ_CHARS = 10_000;

/**
 * Posts CloudEvents 1.0 in structured mode, signed as Standard Webhooks 1.0 requires: HMAC-SHA256 over
 * `<id>.<timestamp>.<body>`.
 */
export function createWebhookNotifier({ url, secret }: WebhookSettings): Notifier {
  return {
    async send(notification, signal) {
      const body = JSON.stringify(toCloudEvent(notification));
      let answer: Response;
      try {
        answer = await fetch(url, {
          method: 'POST',
          body,
          headers: { 'content-type': CONTENT_TYPE, ...signatureHeaders(secret, notification.id, body) },
          // A redirect would send the event to a receiver that the operator did not name.
          redirect: 'error',
          signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
        });
      } catch (cause) {
        throw refused(url, `no answer: ${reasonOf(cause)}`);
      }
      const text = await beginningOf(answer).catch(() => '');
      if (!answer.ok) throw refused(url, `status ${answer.status}: ${text}`);
    },
  };
}

/** For a worker without NOTIFY_WEBHOOK. */
export const silentNotifier: Notifier = { send: async () => undefined };

function toCloudEvent({ type, id, time, workflowId, runId, message, facts }: Notification) {
  return {
    specversion: '1.0',
    id,
    source: SOURCE,
    type: `${SOURCE}.${type}`,
    subject: workflowId,
    time,
    datacontenttype: 'application/json',
    data: { workflowId, runId, message, ...facts },
  };
}

function signatureHeaders(secret: string, id: string, body: string): Record<string, string> {
  const timestamp = String(Math.floor(Date.now() / 1_000));
  // A header cannot hold characters beyond Latin-1; a workflow id can.
  const messageId = encodeURIComponent(id);
  const signature = createHmac('sha256', secret).update(`${messageId}.${timestamp}.${body}`).digest('base64');
  return {
    'webhook-id': messageId,
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,${signature}`,
  };
}

/** Shows only the origin of the URL: the rest may contain a secret, which the receiver or fetch may repeat. */
function refused(url: string, got: string): NotificationError {
  return new NotificationError({
    what: 'the receiver did not accept a notification',
    where: new URL(url).origin,
    expected: 'an answer with status 2xx',
    got: createRedactor(secretsOfUrl(url))(got).slice(0, MAX_ANSWER_CHARS),
    hint: 'Retried for ten minutes; check NOTIFY_WEBHOOK and its receiver',
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

import { createHmac } from 'node:crypto';
import type { Notification } from '../../domain/notification/notification.ts';
import type { Message } from './message.ts';

const SOURCE = 'imdb-temporal';
const CONTENT_TYPE = 'application/cloudevents+json; charset=utf-8';

/**
 * CloudEvents 1.0 in structured mode, signed as Standard Webhooks 1.0 requires: HMAC-SHA256 over
 * `<id>.<timestamp>.<body>`.
 *
 * @param url of the workflow in the Temporal UI
 */
export function toCloudEvent(notification: Notification, url: string, secret: string): Message {
  const { type, id, time, workflowId, runId, message, facts } = notification;
  const body = JSON.stringify({
    specversion: '1.0',
    id,
    source: SOURCE,
    type: `${SOURCE}.${type}`,
    subject: workflowId,
    time,
    datacontenttype: 'application/json',
    data: { workflowId, runId, url, message, ...facts },
  });
  return { body, headers: { 'content-type': CONTENT_TYPE, ...signatureHeaders(secret, id, body) } };
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

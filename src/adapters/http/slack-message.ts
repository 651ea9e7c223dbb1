import type { Notification, NotificationType } from '../../domain/notification/notification.ts';
import { ADVICE_MARK } from '../../domain/run/trouble.ts';
import { oneLine } from '../../domain/text.ts';
import type { Message } from './message.ts';

const HEADLINE: Readonly<Record<NotificationType, string>> = {
  'run.failed': ':x: *Failed*',
  'run.needs-attention': ':warning: *Needs attention*',
  'run.recovered': ':white_check_mark: *Recovered*',
  'model.promoted': ':trophy: *New champion*',
  'model.kept': ':shield: *Champion kept*',
  'dataset.drifted': ':ocean: *The data has drifted*',
  'model.overdue': ':hourglass: *No new model*',
};

/** Slack cuts a text at 4,000 characters. */
const MAX_CHARS = 3_000;

/** For an incoming webhook of Slack. @param url of the workflow in the Temporal UI */
export function toSlackMessage({ type, workflowId, message }: Notification, url: string): Message {
  const line = oneLine(message);
  const at = line.indexOf(ADVICE_MARK);
  const [what, advice] = at === -1 ? [line, ''] : [line.slice(0, at), line.slice(at + ADVICE_MARK.length)];
  // The advice is ours and short; what happened may hold whole lines of somebody's data.
  const text = [
    `${HEADLINE[type]} <${url}|${escape(workflowId)}>`,
    escape(what.trim().slice(0, MAX_CHARS)),
    ...(advice === '' ? [] : [`*What to do:* ${escape(advice)}`]),
  ].join('\n');
  return {
    body: JSON.stringify({ text, unfurl_links: false }),
    headers: { 'content-type': 'application/json; charset=utf-8' },
  };
}

/** The three characters that Slack reads as markup of its own. */
function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

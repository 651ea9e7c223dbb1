import { groupDigits, minuteText, oneLine } from '../text.ts';
import { toProse } from '../markdown.ts';
import type { Notification } from './notification.ts';

/** The receiver is away for long: the oldest go first. Their state must fit into one payload when the outbox continues as new. */
const MAX_WAITING = 300;
const KEPT_IDS = 1_000;
const SHOWN = 20;
const SHOWN_CHARS = 200;

interface Ended extends Pick<Notification, 'time' | 'type' | 'workflowId'> {
  /** null: the receiver has it. */
  readonly failure: string | null;
}

export interface OutboxState {
  readonly waiting: readonly Notification[];
  /** Of the last notifications: a repeated post is the same notification. */
  readonly ids: readonly string[];
  readonly sent: number;
  readonly given: number;
  readonly newest: readonly Ended[];
}

/** Notifications wait here until the receiver has them, in the order of their arrival. */
export function createOutbox(from?: OutboxState) {
  const waiting = [...(from?.waiting ?? [])];
  let ids = [...(from?.ids ?? [])];
  let sent = from?.sent ?? 0;
  let given = from?.given ?? 0;
  let newest = [...(from?.newest ?? [])];

  function end({ time, type, workflowId }: Notification, failure: string | null): void {
    if (failure === null) sent += 1;
    else given += 1;
    const shown = failure === null ? null : oneLine(failure).slice(0, SHOWN_CHARS);
    newest = [{ time, type, workflowId, failure: shown }, ...newest].slice(0, SHOWN);
  }

  return {
    add(notification: Notification): void {
      if (ids.includes(notification.id)) return;
      ids = [...ids, notification.id].slice(-KEPT_IDS);
      waiting.push(notification);
      // The first one is on its way.
      const [tooMany] = waiting.length > MAX_WAITING ? waiting.splice(1, 1) : [];
      if (tooMany) end(tooMany, `more than ${MAX_WAITING} wait`);
    },
    next: (): Notification | undefined => waiting[0],
    /** The next one has been sent, or is given up. */
    ended(failure: string | null): void {
      const next = waiting.shift();
      if (next) end(next, failure);
    },
    state: (): OutboxState => ({ waiting, ids, sent, given, newest }),
  };
}

/** For the UI's current details. @param trouble why the next one is not sent */
export function outboxToMarkdown(
  { waiting, sent, given, newest }: OutboxState,
  trouble: string | null,
): string {
  const counts = `${groupDigits(sent)} sent, ${groupDigits(waiting.length)} waiting, ${groupDigits(given)} given up`;
  return [
    ...(trouble === null ? [] : [`**Needs attention**: ${toProse(trouble)}`]),
    counts,
    ...(newest.length === 0
      ? []
      : [
          [
            '| time | event | of |',
            '| --- | --- | --- |',
            ...newest.map(
              ({ time, type, workflowId, failure }) =>
                `| ${minuteText(time)} | ${type} | ${toProse(workflowId)}${failure === null ? '' : `: **given up**, ${toProse(failure)}`} |`,
            ),
          ].join('\n'),
        ]),
  ].join('\n\n');
}

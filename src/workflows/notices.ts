import { log, sleep, workflowInfo } from '@temporalio/workflow';
import type { Notification, NotificationType } from '../domain/notification/notification.ts';
import { describeTrouble, type Trouble } from '../domain/run/trouble.ts';
import { posting } from './activities.ts';
import { ownState } from './own-state.ts';

/** A failure that ends its run would look like its recovery before. */
const RECOVERY_MS = 2_000;

/** Counts the notifications of a workflow. */
const posts = ownState(() => ({ count: 0 }));

export interface Notices {
  /** Posts a notification, after the earlier ones. Never fails: a workflow does not depend on it. */
  readonly notify: (type: NotificationType, message: string, facts?: Notification['facts']) => Promise<void>;
  /** Work that is retried without success; null: it works again. */
  readonly onTrouble: (trouble: Trouble | null, isBeginning: boolean) => void;
  /** What only an operator can answer; null: nothing any more. */
  readonly ask: (question: string | null) => void;
  /** Everything is posted. Called before a workflow ends well. */
  readonly close: () => Promise<void>;
}

/** What a workflow tells people. @param isOn whether it has a receiver; undefined: not known */
export function createNotices(isOn: () => boolean | undefined): Notices {
  let posted = Promise.resolve();
  let trouble: Trouble | null = null;
  let question: string | null = null;
  /** An operator has been told that the workflow needs attention. */
  let isTold = false;

  function notify(type: NotificationType, message: string, facts: Notification['facts'] = {}): Promise<void> {
    if (isOn() === false) return Promise.resolve();
    const { workflowId, runId } = workflowInfo();
    const number = (posts().count += 1);
    const id = `${workflowId}/${runId}/${number}`;
    const time = new Date().toISOString();
    const notification = { type, id, time, workflowId, runId, message, facts };
    const summary = `${type} ${number}`;
    posted = posted
      .then(() => posting(summary).notify(notification))
      .catch(() => {
        // A cancellation ends here too: callers do not wait for this promise, so nothing may reject it.
        log.warn('a notification was not posted', { type, id });
      });
    return posted;
  }

  function tell(message: string, facts?: Notification['facts']): void {
    isTold = true;
    void notify('run.needs-attention', message, facts);
  }

  function isWell(): boolean {
    return isTold && trouble === null && question === null;
  }

  function recovered(): Promise<void> {
    isTold = false;
    return notify('run.recovered', 'it works again: nothing needs attention any more');
  }

  async function waitForRecovery(): Promise<void> {
    if (!isWell() || isOn() === false) return;
    await sleep(RECOVERY_MS).catch(() => undefined);
    if (isWell()) await recovered();
  }

  return {
    notify,
    onTrouble(newest, isBeginning) {
      trouble = newest;
      if (newest === null) {
        void waitForRecovery();
      } else if (isBeginning) {
        const { activity, step = null, type, attempt, nextAttemptAt } = newest;
        tell(describeTrouble(newest), { step, activity, failure: type, attempt, nextAttemptAt });
      }
    },
    ask(asked) {
      question = asked;
      if (asked === null) void waitForRecovery();
      else tell(asked);
    },
    async close() {
      if (isWell()) void recovered();
      await posted;
    },
  };
}

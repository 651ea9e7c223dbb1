import type { Info } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import { LRUCache } from 'lru-cache';
import { cutText } from '../../../domain/text.ts';
import { UNWATCHED_ACTIVITY } from '../../../domain/names.ts';
import { TROUBLE_AFTER_MS, type FailedAttempt } from '../../../domain/run/trouble.ts';
import { nextAttemptMs } from './retries.ts';

/** The way from a worker to the workflow of an activity. */
export interface TroubleChannel {
  /** Sends a signal. @returns false when the workflow did not receive it */
  report(info: Info, trouble: FailedAttempt): Promise<boolean>;
  /** How the last attempt was lost with its worker; undefined when it was not. */
  findLoss(info: Info): Promise<Loss | undefined>;
}

export interface Loss {
  readonly message: string;
  /** The worker was silent; otherwise the time for one attempt was over. */
  readonly isSilence: boolean;
}

/** The last report of an activity by this worker. */
interface Reported {
  readonly elapsedMs: number;
  /** Of all reports. */
  readonly types: readonly string[];
}

/** More activities do not fail at once in a worker; one that is forgotten is reported once more. */
const MAX_REMEMBERED = 1_000;
/** The next attempt may come so much later than the time of a report. */
const SLACK_MS = 5_000;
const MAX_MESSAGE_BYTES = 600;

/**
 * Tells a workflow when its activity has failed for longer than `afterMs`. A report is a signal, so it costs events:
 * it is repeated for another type of failure, and when the time has doubled. A success needs no report, because the
 * workflow sees it.
 */
export function createTroubleReporter(
  channel: TroubleChannel,
  afterMs = TROUBLE_AFTER_MS,
): ActivityInterceptorsFactory {
  const reported = new LRUCache<string, Reported>({ max: MAX_REMEMBERED });
  const failed = new LRUCache<string, number>({ max: MAX_REMEMBERED });

  async function report(info: Info, trouble: FailedAttempt, nowMs: number): Promise<void> {
    const key = keyOf(info);
    const elapsedMs = nowMs - info.scheduledTimestampMs;
    const before = reported.get(key);
    const isKnown = before?.types.includes(trouble.type) && elapsedMs < 2 * before.elapsedMs;
    if (isKnown || !(await channel.report(info, trouble))) return;
    reported.set(key, { elapsedMs, types: [...(before?.types ?? []), trouble.type] });
  }

  async function reportFailure(info: Info, failure: ApplicationFailure, nowMs: number): Promise<void> {
    failed.set(keyOf(info), info.attempt);
    const { attempt, scheduledTimestampMs } = info;
    const nextMs = nextAttemptMs(info, failure, nowMs);
    const dueMs = scheduledTimestampMs + afterMs;
    if (nextMs === undefined || (nowMs < dueMs && nextMs <= dueMs + SLACK_MS)) return;
    const trouble = {
      ...beginningOf(info),
      type: failure.type ?? 'Error',
      message: cutText(failure.message, MAX_MESSAGE_BYTES),
      attempt,
      nextAttemptAt: new Date(nextMs).toISOString(),
    };
    await report(info, trouble, nowMs);
  }

  /**
   * An attempt that is lost with its worker fails in no worker. One loss is ordinary when a worker stops, and its next
   * attempt is under way; two are trouble.
   */
  async function reportLoss(info: Info): Promise<void> {
    const { attempt, scheduledTimestampMs, currentAttemptScheduledTimestampMs: nowMs } = info;
    const isEarly = attempt < 2 || nowMs < scheduledTimestampMs + afterMs;
    if (isEarly || failed.get(keyOf(info)) === attempt - 1) return;
    const loss = await channel.findLoss(info);
    if (!loss || (loss.isSilence && attempt < 3)) return;
    const { message } = loss;
    const trouble = {
      ...beginningOf(info),
      type: 'Timeout',
      message,
      attempt: attempt - 1,
      nextAttemptAt: null,
    };
    await report(info, trouble, nowMs);
  }

  return ({ info, cancellationSignal }) => ({
    inbound: {
      async execute(input, next) {
        const { isLocal, inWorkflow, activityType } = info;
        if (isLocal || !inWorkflow || activityType === UNWATCHED_ACTIVITY) return next(input);
        const begunMs = Date.now();
        const reporting = reportLoss(info);
        try {
          return await next(input);
        } catch (error) {
          // An attempt that was cancelled, or is lost already, says nothing about the next one.
          const isFailure = error instanceof ApplicationFailure && !cancellationSignal.aborted;
          // In the server's time: the clock of this machine may differ.
          const nowMs = info.currentAttemptScheduledTimestampMs + Date.now() - begunMs;
          if (isFailure) await reportFailure(info, error, nowMs);
          throw error;
        } finally {
          await reporting;
        }
      },
    },
  });
}

function keyOf({ workflowExecution, activityId }: Info): string {
  return `${workflowExecution?.runId}/${activityId}`;
}

function beginningOf(info: Info): Pick<FailedAttempt, 'activity' | 'since'> {
  return { activity: info.activityType, since: new Date(info.scheduledTimestampMs).toISOString() };
}

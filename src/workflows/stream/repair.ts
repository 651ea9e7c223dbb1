import { ApplicationFailure } from '@temporalio/common';
import type { FailedBatch, StreamTotals } from '../../domain/stream/batch.ts';
import { describeNothingScored, hasScoredNothing } from '../../domain/stream/nothing-scored.ts';
import { cutText, oneLine } from '../../domain/text.ts';
import type { StreamOptions } from '../../domain/stream/stream-options.ts';
import type { MicroBatchWindow } from './window.ts';

const MS_PER_HOUR = 3_600_000;
/** Enough to see the pattern; a payload stays small. */
export const LISTED_FAILURES = 10;
/** Of a reason, which the failure contains twice. */
const LISTED_BYTES = 200;

/** When the first failed batch has waited too long for an operator; Infinity when none has failed. */
export function repairDeadlineMs(
  window: MicroBatchWindow,
  { repairTimeoutHours }: Pick<StreamOptions, 'repairTimeoutHours'>,
): number {
  const firstMs = window.failed().reduce((ms, { failedAtMs }) => Math.min(ms, failedAtMs), Infinity);
  return firstMs + repairTimeoutHours * MS_PER_HOUR;
}

/**
 * Waits until all batches are done or skipped, or the history is full. A full history is left at once, also while an
 * operator is awaited: a retry could not start in it.
 *
 * @returns false when failed batches are left: not repaired in time, or `onBatchFailure` is `fail`
 */
export async function settle(window: MicroBatchWindow, stream: StreamOptions): Promise<boolean> {
  for (;;) {
    await window.until(window.isIdle);
    if (window.failed().length === 0) return true;
    if (stream.onBatchFailure === 'fail' && window.waiting() === 0) return false;
    if (window.isFull()) return true;
    const isMoving = (): boolean => window.failed().length === 0 || !window.isIdle() || window.isFull();
    if (!(await window.until(isMoving, repairDeadlineMs(window, stream) - Date.now()))) return false;
  }
}

/** @param planned number of batches that the stream has planned */
export function batchesFailed(failed: readonly FailedBatch[], planned: number): ApplicationFailure {
  const listed = failed
    .slice(0, LISTED_FAILURES)
    .map(({ batch, reason }) => ({ batch, reason: cutText(oneLine(reason), LISTED_BYTES) }));
  const reasons = listed.map(({ batch, reason }) => `batch ${batch}: ${reason}`).join('; ');
  const more = failed.length > listed.length ? ` … and ${failed.length - listed.length} more` : '';
  return ApplicationFailure.create({
    type: 'MicroBatchesFailed',
    message:
      `${failed.length} of ${planned} micro-batches failed, the others are done: ${reasons}${more}. ` +
      'Fix the cause, then reset the run to its "score stream" step, or start a continuous stream again: ' +
      'finished batches are not written again',
    nonRetryable: true,
    details: [{ failed: listed }],
  });
}

/**
 * At the end of a stream, after its position was committed: the next start does not read the same records again.
 *
 * @throws NothingScored when every record was dead-lettered
 */
export function requireSomeScored(topic: string, totals: StreamTotals): void {
  if (!hasScoredNothing(totals)) return;
  throw ApplicationFailure.create({
    type: 'NothingScored',
    message:
      `${describeNothingScored(topic, totals)}. Correct their producer or choose another model, then start again; ` +
      '"imdb dead-letters replay" sends the dead letters back to the topic',
    nonRetryable: true,
  });
}

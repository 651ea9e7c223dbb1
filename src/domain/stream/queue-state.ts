import type { FailedBatch, LanedBatch } from './batch.ts';
import { fromCompact, toCompact, type CompactRange } from './stream-job.ts';

type CompactBatch = readonly [batch: number, lane: number, ranges: readonly CompactRange[]];

/** What a queue keeps when its stream continues as new: small, because thousands of batches may have failed. */
export interface QueueState {
  readonly failed: readonly (readonly [...batch: CompactBatch, failedAtMs: number, reason: number])[];
  /** Failed batches that an operator retries and that have not started yet. */
  readonly retry: readonly CompactBatch[];
  /** Type and message of root causes; many batches fail for the same one. */
  readonly reasons: readonly string[];
}

export const EMPTY_QUEUE: QueueState = { failed: [], retry: [], reasons: [] };

/** Temporal refuses a payload of 2 MB; each failed batch adds some 50 characters to this. */
const MAX_REASONS_CHARS = 256 * 1_024;

/** After so many characters of reasons, those of further batches keep their type only. */
export function packQueue(failed: readonly FailedBatch[], retry: readonly LanedBatch[]): QueueState {
  const reasons = new Map<string, number>();
  let chars = 0;

  function indexOf(reason: string): number {
    const known = reasons.get(reason);
    if (known !== undefined) return known;
    const isFull = chars + reason.length > MAX_REASONS_CHARS;
    const kept = isFull ? (reason.split(':', 1)[0] ?? '') : reason;
    const index = reasons.get(kept) ?? reasons.size;
    if (index === reasons.size) chars += kept.length;
    reasons.set(kept, index);
    return index;
  }

  return {
    failed: failed.map((batch) => [...compact(batch), batch.failedAtMs, indexOf(batch.reason)]),
    retry: retry.map(compact),
    reasons: [...reasons.keys()],
  };
}

export function unpackQueue({ failed, retry, reasons }: QueueState = EMPTY_QUEUE) {
  return {
    failed: failed.map(([batch, lane, ranges, failedAtMs, reason]): FailedBatch => ({
      batch,
      lane,
      ranges: fromCompact(ranges),
      failedAtMs,
      reason: reasons[reason] ?? '',
    })),
    retry: retry.map(([batch, lane, ranges]): LanedBatch => ({
      batch,
      lane,
      ranges: fromCompact(ranges),
      isRetry: true,
    })),
  };
}

function compact({ batch, lane, ranges }: LanedBatch): CompactBatch {
  return [batch, lane, toCompact(ranges)];
}

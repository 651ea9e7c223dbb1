import type { OffsetRange } from '../log/offsets.ts';
import type { BadRecord } from './nothing-scored.ts';

export interface PlannedBatch {
  readonly batch: number;
  readonly ranges: readonly OffsetRange[];
}

/** Batches of one lane run one after the other and share a transactional id. */
export interface LanedBatch extends PlannedBatch {
  readonly lane: number;
  /** An operator retries it: it may have committed before, and later batches may have used its lane since. */
  readonly isRetry?: true;
}

/** Its next attempt takes the same lane, which fences a zombie of this one. */
export interface FailedBatch extends LanedBatch {
  /** Type and message of the root cause. */
  readonly reason: string;
  readonly failedAtMs: number;
}

/** How many micro-batches and rows a continuous stream has finished. */
export interface StreamTotals {
  readonly batches: number;
  readonly predicted: number;
  readonly deadLettered: number;
  /** While nothing was scored. */
  readonly firstBad?: BadRecord;
  readonly skipped: number;
}

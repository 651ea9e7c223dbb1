import { InvalidInput } from '../errors.ts';
import type { OffsetRange } from '../log/offsets.ts';
import type { ScoreStreamResult } from '../run/step-results.ts';
import type { ContinuousInputJson, ModelRef } from './stream-input.ts';
import type { CompactOffset, CompactRange, JobRef } from './stream-job.ts';
import type { StreamOptions } from './stream-options.ts';
import type { LedgerState } from './stream-ledger.ts';
import type { PartitionOffset } from './stream-plan.ts';

/** What a run gives its stream: a part of a topic that has an end. */
export interface ScoreRangesInput {
  /** The run whose records are scored, see `runName`. */
  readonly run: string;
  readonly topic: string;
  readonly ranges: readonly OffsetRange[];
  readonly model: ModelRef;
  readonly stream: Partial<StreamOptions>;
  /** Set when a stream continues as new. */
  readonly resume?: RangesResume;
}

export interface RangesResume {
  /** Next batch of each lane. */
  readonly nextBatch: readonly number[];
  readonly soFar: ScoreStreamResult;
  readonly failed: readonly FailedBatch[];
  /** Failed batches that an operator wants tried again. */
  readonly retry?: readonly PendingBatch[];
  readonly isPaused?: boolean;
}

export interface ScoreContinuouslyInput extends ContinuousInputJson {
  /** Set when a stream continues as new. */
  readonly resume?: ContinuousResume;
}

export interface ContinuousResume {
  readonly epoch: number;
  readonly job: JobRef;
  readonly ledger: LedgerState;
  /** With `trigger: 'available-now'`: the end as it was when the stream began. */
  readonly until?: readonly PartitionOffset[];
  readonly failed: readonly FailedBatch[];
  readonly retry: readonly PendingBatch[];
  readonly isPaused: boolean;
  readonly totals: StreamTotals;
  /** Version of the newest model in use; absent in runs of version 0.1. */
  readonly model?: string;
}

export interface StreamTotals {
  readonly batches: number;
  readonly predicted: number;
  readonly deadLettered: number;
  readonly skipped: number;
}

export interface PlannedBatch {
  readonly batch: number;
  readonly ranges: readonly OffsetRange[];
}

/** Batches of one lane follow each other; without a lane: the first that is free. */
export interface PendingBatch extends PlannedBatch {
  readonly lane?: number | undefined;
  /** An operator wants it tried again. */
  readonly isRetry?: true;
}

export interface FailedBatch {
  readonly batch: number;
  /** Type and message of the root cause. */
  readonly reason: string;
  /** Absent in runs of version 0.1. */
  readonly ranges?: readonly OffsetRange[];
  /** Its next attempt takes the same lane, which fences a zombie of this one. */
  readonly lane?: number;
  readonly failedAtMs?: number;
}

/** A continuous stream's right to write, and what it knows to be finished. */
export interface LaneClaim {
  /** Grows with every start of the stream. */
  readonly epoch: number;
  /** When the batch was started: everything before is finished. */
  readonly watermark: readonly PartitionOffset[];
  /** And so are these, beyond the watermark. */
  readonly finished: readonly OffsetRange[];
}

/** A parent keeps one for each of its children, so it is small. */
export interface ScoreMicroBatchInput {
  readonly job: JobRef;
  readonly batch: number;
  /** Batches of one lane follow each other and share a transactional id. */
  readonly lane: number;
  readonly ranges: readonly CompactRange[];
  /** Of a continuous stream. */
  readonly claim?: CompactClaim;
}

export interface CompactClaim {
  readonly epoch: number;
  readonly watermark: readonly CompactOffset[];
  readonly finished: readonly CompactRange[];
}

/** As version 0.1 started its children; runs that it began go on. */
export interface ScoreMicroBatchInputOf01 {
  readonly run: string;
  readonly batch: number;
  readonly lane: number;
  readonly topic: string;
  readonly ranges: readonly OffsetRange[];
  readonly model: ModelRef;
  readonly onBadRecord: StreamOptions['onBadRecord'];
}

/** For workflows that a parent starts: a person who starts one by hand is told what is missing. */
export function requireFields<T extends object>(
  workflow: string,
  input: unknown,
  fields: readonly (keyof T & string)[],
): T {
  const given = typeof input === 'object' && input !== null ? input : {};
  const missing = fields.filter((field) => !(field in given));
  if (missing.length === 0) return given as T;
  throw new InvalidInput({
    what: `the input of ${workflow} is incomplete`,
    expected: `an object with ${fields.join(', ')}`,
    got: `none of ${missing.join(', ')}`,
    hint: 'ratingPipeline and scoreStream start this workflow with all of them; start one of those instead',
  });
}

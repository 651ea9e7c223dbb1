import { InvalidInput } from '../errors.ts';
import type { OffsetRange } from '../log/offsets.ts';
import type { ScoreStreamResult } from '../run/step-results.ts';
import type { StreamTotals } from './batch.ts';
import type { ContinuousInputJson, ModelRef } from './stream-input.ts';
import type { QueueState } from './queue-state.ts';
import type { RecentState } from './recent-batches.ts';
import type { CompactOffset, CompactRange, JobRef } from './stream-job.ts';
import type { StreamOptions } from './stream-options.ts';
import type { LedgerState } from './stream-ledger.ts';
import type { PartitionOffset, TopicEnds } from './stream-plan.ts';

/** Input of the stream that a run starts: fixed ranges of a topic. */
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

export interface ScoreContinuouslyInput extends ContinuousInputJson {
  /** Set when a stream continues as new. */
  readonly resume?: ContinuousResume;
}

/** What a window of micro-batches needs when its stream continues as new. */
export interface WindowResume extends QueueState {
  readonly isPaused: boolean;
}

/** What any stream continues with. */
export interface StreamResume extends WindowResume {
  /** Absent before the first batch. */
  readonly recent?: RecentState;
}

export interface RangesResume extends StreamResume {
  readonly job: JobRef;
  /** First batch of each lane that has not been started. */
  readonly nextBatch: readonly number[];
  /** Batches that were split off others, and have not been started. */
  readonly parts: readonly (readonly [batch: number, ranges: readonly CompactRange[]])[];
  readonly soFar: ScoreStreamResult;
}

export interface ContinuousResume extends StreamResume {
  readonly epoch: number;
  /** Run id of the execution that continued as new. */
  readonly continues?: string;
  /** See `OpenStreamResult`. */
  readonly renewEveryMs: number;
  readonly job: JobRef;
  readonly ledger: LedgerState;
  /** The last poll; absent before the first. */
  readonly ends?: TopicEnds;
  /** With `trigger: 'available-now'`: the end as it was when the stream began. */
  readonly until?: readonly PartitionOffset[];
  readonly totals: StreamTotals;
  /** Version of the newest model in use. */
  readonly model: string;
}

/** A continuous stream's right to write, and what it knows to be finished. */
export interface LaneClaim {
  /** Grows with every start of the stream. */
  readonly epoch: number;
  /** Run id of the stream's execution. */
  readonly run: string;
  /** Everything before was finished when the batch started. */
  readonly watermark: readonly PartitionOffset[];
  /** Ranges beyond the watermark that were finished then. */
  readonly finished: readonly OffsetRange[];
  /** Batches of the same lane that had failed then: one of them may have committed all the same, and may be retried. */
  readonly failed: readonly number[];
  /** See `LanedBatch`. */
  readonly isRetry?: true;
}

/** Small, because the parent's history keeps one per child. */
export interface ScoreMicroBatchInput {
  readonly job: JobRef;
  readonly batch: number;
  /** See `LanedBatch`. */
  readonly lane: number;
  readonly ranges: readonly CompactRange[];
  /** Of a continuous stream. */
  readonly claim?: CompactClaim;
}

export interface CompactClaim {
  readonly epoch: number;
  readonly watermark: readonly CompactOffset[];
  readonly finished: readonly CompactRange[];
  readonly failed?: readonly number[];
  readonly isRetry?: true;
}

/** Checks the input of a workflow that only other workflows start, in case an operator starts it by hand. */
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
    hint: 'Start ratingPipeline or scoreStream instead: they start this workflow with all of them',
  });
}

import { InvalidInput } from './errors.ts';
import type { ForestModel } from './model.ts';
import type { OffsetRange } from './offsets.ts';
import type { PipelineInput } from './pipeline-input.ts';
import type { ScoreStreamResult } from './step-results.ts';

export interface ScoreStreamInput {
  /** The run whose records are scored, see `runName`. */
  readonly run: string;
  readonly topic: string;
  readonly ranges: readonly OffsetRange[];
  readonly model: ForestModel;
  readonly stream: PipelineInput['stream'];
  /** Set when a stream continues as new. */
  readonly resume?: {
    /** Next batch of each lane. */
    readonly nextBatch: readonly number[];
    readonly soFar: ScoreStreamResult;
    readonly failed: readonly FailedBatch[];
  };
}

export interface FailedBatch {
  readonly batch: number;
  /** Type and message of the root cause. */
  readonly reason: string;
}

export interface ScoreMicroBatchInput {
  readonly run: string;
  readonly batch: number;
  /** Batches of one lane follow each other and share a transactional id. */
  readonly lane: number;
  readonly topic: string;
  readonly ranges: readonly OffsetRange[];
  readonly model: ForestModel;
  readonly onBadRecord: PipelineInput['stream']['onBadRecord'];
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
    hint: 'ratingPipeline starts this workflow with all of them; start that one instead',
  });
}

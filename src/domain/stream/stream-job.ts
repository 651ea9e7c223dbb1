import type { OffsetRange } from '../log/offsets.ts';
import type { StreamModel } from './stream-input.ts';
import type { StreamOptions } from './stream-options.ts';
import type { PartitionOffset } from './stream-plan.ts';

/** What all micro-batches of a stream have in common. */
export interface StreamJob {
  /** The run, or the continuous stream. */
  readonly run: string;
  readonly topic: string;
  readonly model: StreamModel;
  readonly onBadRecord: StreamOptions['onBadRecord'];
  readonly maxBadFraction: number;
  readonly maxBytes: StreamOptions['microBatchBytes'];
  /** `own`: each record that the run published for its stream split, once. `all`: for a continuous stream. */
  readonly select: 'own' | 'all';
  /** Of a continuous stream; absent: each value says itself. */
  readonly value?: 'json' | 'registry' | undefined;
  /** Id of the registered schema of the predictions; absent: they are plain JSON. */
  readonly predictionSchema?: number;
}

/**
 * A job in the artifact store, by its sha256 (base64url). A parent keeps one input per child in its history, so what
 * they share is stored once.
 */
export type JobRef = string;

/** `[partition, offsetFrom, offsetTo]`, for inputs that a history keeps by the thousand. */
export type CompactRange = readonly [partition: number, offsetFrom: number, offsetTo: number];
/** `[partition, offset]` */
export type CompactOffset = readonly [partition: number, offset: number];

export function toCompact(ranges: readonly OffsetRange[]): CompactRange[] {
  return ranges.map(({ partition, offsetFrom, offsetTo }) => [partition, offsetFrom, offsetTo]);
}

export function fromCompact(ranges: readonly CompactRange[]): OffsetRange[] {
  return ranges.map(([partition, offsetFrom, offsetTo]) => ({ partition, offsetFrom, offsetTo }));
}

export function toCompactOffsets(offsets: readonly PartitionOffset[]): CompactOffset[] {
  return offsets.map(({ partition, offset }) => [partition, offset]);
}

export function fromCompactOffsets(offsets: readonly CompactOffset[]): PartitionOffset[] {
  return offsets.map(([partition, offset]) => ({ partition, offset }));
}

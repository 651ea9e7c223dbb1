import { planMicroBatches, type OffsetRange } from '../log/offsets.ts';
import {
  advance,
  mergeRanges,
  watermarkOf,
  withNewPartitions,
  type PartitionOffset,
  type PartitionOffsets,
  type StreamPosition,
} from './stream-plan.ts';
import type { PlannedBatch } from './workflow-inputs.ts';

export interface LedgerState extends StreamPosition {
  readonly nextBatch: number;
  /** Beyond the watermark. */
  readonly finished: readonly OffsetRange[];
}

export type StreamLedger = ReturnType<typeof createStreamLedger>;

/**
 * What a continuous stream has planned and finished. Every offset from where the stream began is in exactly one of:
 * below the watermark or finished, unfinished (planned, in progress, failed), backlog, or beyond the position.
 *
 * @param unfinished ranges that are planned and not finished, at the time of asking
 */
export function createStreamLedger(from: LedgerState, unfinished: () => readonly OffsetRange[]) {
  let { position, backlog, finished, nextBatch } = from;

  function watermark(): PartitionOffset[] {
    return watermarkOf(position, [...backlog, ...unfinished()]);
  }

  function toBatches(ranges: readonly OffsetRange[], batchRows: number): PlannedBatch[] {
    return planMicroBatches(ranges, batchRows).map((planned) => ({ batch: nextBatch++, ranges: planned }));
  }

  return {
    position: () => position,
    nextBatch: () => nextBatch,
    watermark,
    /** What every batch writes down beside its records: where the stream can go on from. */
    known: () => ({ watermark: watermark(), finished: mergeRanges(finished, watermark()) }),
    addPartitions(offsets: readonly PartitionOffsets[]): void {
      position = withNewPartitions(position, offsets);
    },
    plan(ranges: readonly OffsetRange[], batchRows: number): PlannedBatch[] {
      position = advance(position, ranges);
      return toBatches(ranges, batchRows);
    },
    /** What an earlier start has passed over comes first. */
    planBacklog(batchRows: number): PlannedBatch[] {
      const batches = toBatches(backlog, batchRows);
      backlog = [];
      return batches;
    },
    finish(ranges: readonly OffsetRange[]): void {
      finished = mergeRanges([...finished, ...ranges], watermark());
    },
    /** @param unstarted planned batches that nobody will start here */
    toState(unstarted: readonly PlannedBatch[]): LedgerState {
      return {
        position,
        backlog: mergeRanges([...backlog, ...unstarted.flatMap(({ ranges }) => ranges)]),
        finished: mergeRanges(finished, watermark()),
        nextBatch,
      };
    },
  };
}

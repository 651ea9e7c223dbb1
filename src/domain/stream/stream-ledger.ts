import { beforeRanges, countOffsets, planMicroBatches, type OffsetRange } from '../log/offsets.ts';
import type { PlannedBatch } from './batch.ts';
import {
  advance,
  isBehind,
  mergeRanges,
  planTrigger,
  watermarkOf,
  withNewPartitions,
  type PartitionOffset,
  type PartitionOffsets,
  type StreamPosition,
} from './stream-plan.ts';

export interface LedgerState extends StreamPosition {
  readonly nextBatch: number;
  /** Beyond the watermark. */
  readonly finished: readonly OffsetRange[];
}

/** How many rows a micro-batch takes when so many are planned. */
export type BatchRows = (rows: number) => number;

interface PlanLimits {
  /** By partition, exclusive. */
  readonly ends: readonly PartitionOffset[];
  readonly maxRows: number;
  readonly batchRows: BatchRows;
}

export type StreamLedger = ReturnType<typeof createStreamLedger>;

/**
 * What a continuous stream has planned and finished. Every offset from where the stream began is in exactly one of:
 * below the watermark or finished, unfinished (planned, running, failed), backlog, or beyond the position.
 *
 * @param planned batches from before the stream continued as new that are not finished
 */
export function createStreamLedger(from: LedgerState, planned: readonly PlannedBatch[] = []) {
  let { position, backlog, finished, nextBatch } = from;
  const unfinished = new Map(planned.map(({ batch, ranges }) => [batch, ranges]));

  function watermark(): PartitionOffset[] {
    return watermarkOf(position, [...backlog, ...[...unfinished.values()].flat()]);
  }

  function toBatches(ranges: readonly OffsetRange[], batchRows: BatchRows): PlannedBatch[] {
    const batches = planMicroBatches(ranges, batchRows(countOffsets(ranges))).map((own) => ({
      batch: nextBatch++,
      ranges: own,
    }));
    for (const { batch, ranges: own } of batches) unfinished.set(batch, own);
    return batches;
  }

  return {
    position: () => position,
    nextBatch: () => nextBatch,
    watermark,
    /** All batches before this one are finished. */
    finishedBatches: (): number => Math.min(nextBatch, ...unfinished.keys()),
    /** What every batch commits with its records, so that the next start can continue there. */
    known: () => ({ watermark: watermark(), finished: mergeRanges(finished, watermark()) }),
    /** Whether anything before `ends` has not been planned yet. */
    isBehind: (ends: readonly PartitionOffset[]): boolean => isBehind(position, ends),
    addPartitions(offsets: readonly PartitionOffsets[]): void {
      position = withNewPartitions(position, offsets);
    },
    plan({ ends, maxRows, batchRows }: PlanLimits): PlannedBatch[] {
      const ranges = planTrigger(position, ends, maxRows);
      position = advance(position, ranges);
      return toBatches(ranges, batchRows);
    },
    /** Plans the ranges that an earlier start left unfinished. */
    planBacklog(batchRows: BatchRows): PlannedBatch[] {
      const batches = toBatches(backlog, batchRows);
      backlog = [];
      return batches;
    },
    /** Scored, or skipped by an operator. @returns the batch of the rest, if the end of the ranges was left */
    finish({ batch, ranges }: PlannedBatch, rest: readonly OffsetRange[] = []): PlannedBatch | undefined {
      unfinished.delete(batch);
      const next = rest.length > 0 ? { batch: nextBatch++, ranges: rest } : undefined;
      if (next) unfinished.set(next.batch, next.ranges);
      finished = mergeRanges([...finished, ...beforeRanges(ranges, rest)], watermark());
      return next;
    },
    /** @param unstarted planned batches that go back to the backlog */
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

import { workflowInfo } from '@temporalio/workflow';
import type { ContinuousPosition } from '../../domain/run/progress.ts';
import type { PlannedBatch } from '../../domain/stream/batch.ts';
import type { ContinuousInput } from '../../domain/stream/stream-input.ts';
import type { StreamLedger } from '../../domain/stream/stream-ledger.ts';
import { lagOf, type PartitionOffset, type PartitionOffsets } from '../../domain/stream/stream-plan.ts';
import { activities } from '../activities.ts';
import { positionLabel } from '../labels.ts';

/** `available-now` has no `maxRows`; this bounds each plan. */
const AVAILABLE_NOW_ROWS = 100_000;

export type StreamPlanner = ReturnType<typeof createPlanner>;

/**
 * Polls the topic and plans the new records.
 *
 * @param resumedUntil with `trigger: 'available-now'`: the end as it was when the stream began
 */
export function createPlanner(
  { topic, trigger, stream }: ContinuousInput,
  ledger: StreamLedger,
  resumedUntil?: readonly PartitionOffset[],
) {
  const maxRows = trigger === 'available-now' ? AVAILABLE_NOW_ROWS : trigger.maxRows;
  let until = resumedUntil;
  let offsets: readonly PartitionOffsets[] = [];
  let lookedAt: string | null = null;

  return {
    async plan(): Promise<PlannedBatch[]> {
      const position = ledger.position();
      offsets = await activities(`${topic}: from ${positionLabel(position)}`).listOffsets({
        stream: workflowInfo().workflowId,
        topic,
        position,
      });
      lookedAt = new Date().toISOString();
      ledger.addPartitions(offsets);
      const ends = offsets.map(({ partition, high }) => ({ partition, offset: high }));
      if (trigger === 'available-now') until ??= ends;
      return ledger.plan({ ends: until ?? ends, maxRows, batchRows: stream.microBatchRows });
    },
    /** Whether `available-now` has planned everything; always false for a stream with an interval. */
    hasPlannedAll: (): boolean => trigger === 'available-now' && !ledger.isBehind(until ?? []),
    until: () => until,
    /** As of the last poll of the topic; null before the first. */
    lag: (): number | null => (lookedAt === null ? null : lagOf(ledger.watermark(), offsets)),
    position: (): ContinuousPosition => ({
      topic,
      lag: lagOf(ledger.watermark(), offsets),
      lookedAt,
      partitions: ledger.watermark().map(({ partition, offset }) => ({
        partition,
        finished: offset,
        end: offsets.find((known) => known.partition === partition)?.high ?? offset,
      })),
    }),
  };
}

import { workflowInfo } from '@temporalio/workflow';
import type { ContinuousPosition } from '../../domain/run/progress.ts';
import type { PlannedBatch } from '../../domain/stream/batch.ts';
import { batchRowsOfPlan } from '../../domain/stream/batch-size.ts';
import type { ContinuousInput } from '../../domain/stream/stream-input.ts';
import type { StreamLedger } from '../../domain/stream/stream-ledger.ts';
import { lagOf, type PartitionOffset, type PartitionOffsets } from '../../domain/stream/stream-plan.ts';
import type { ContinuousResume } from '../../domain/stream/workflow-inputs.ts';
import { polling } from '../activities.ts';
import { positionLabel } from '../labels.ts';

/** `available-now` has no `maxRows`; this bounds each plan. */
const AVAILABLE_NOW_ROWS = 100_000;
/**
 * Below this interval the poll itself waits, for the interval and then for new records: else an idle stream would fill
 * its history with polls. Above it, a waiting poll would take a place of the worker for nothing.
 */
const WAITING_POLL_BELOW_MS = 1_000;
const MAX_WAIT_MS = 5_000;
const MAX_AGE_MS = 10_000;

export type StreamPlanner = ReturnType<typeof createPlanner>;

/**
 * Polls the topic and plans the new records.
 *
 * @param resumed what the stream knew before it continued as new
 */
export function createPlanner(
  { topic, trigger, stream }: ContinuousInput,
  ledger: StreamLedger,
  resumed: Pick<ContinuousResume, 'ends' | 'until'>,
) {
  const isAvailableNow = trigger === 'available-now';
  const maxRows = isAvailableNow ? AVAILABLE_NOW_ROWS : trigger.maxRows;
  const intervalMs = isAvailableNow ? 0 : trigger.intervalSeconds * 1_000;
  const pollWaits = !isAvailableNow && intervalMs < WAITING_POLL_BELOW_MS;
  const batchRows = (rows: number): number =>
    batchRowsOfPlan(rows, { lanes: stream.inFlight, most: stream.microBatchRows });
  let { ends, until } = resumed;
  let hasPolled = false;

  function lag(): number | null {
    return ends ? lagOf(ledger.watermark(), ends.offsets) : null;
  }

  return {
    /** How long the stream waits between two polls. */
    pauseMs: pollWaits ? 0 : intervalMs,
    /** After this time it polls although it cannot plan more: the lag is honest. */
    maxAgeMs: isAvailableNow ? Infinity : Math.max(intervalMs, MAX_AGE_MS),
    /** Asks what the topic holds. Until it is asked again, lag and end are as of then. */
    async poll(): Promise<void> {
      const position = ledger.position();
      const offsets = await polling(`${topic}: from ${positionLabel(position)}`).listOffsets({
        stream: workflowInfo().workflowId,
        topic,
        position,
        ...(pollWaits && hasPolled && { wait: { pauseMs: intervalMs, mostMs: MAX_WAIT_MS } }),
      });
      hasPolled = true;
      ends = { lookedAt: new Date().toISOString(), offsets };
      ledger.addPartitions(offsets);
      if (isAvailableNow) until ??= endsOf(offsets);
    },
    plan: (): PlannedBatch[] =>
      ledger.plan({ ends: until ?? endsOf(ends?.offsets ?? []), maxRows, batchRows }),
    /** Ranges that an earlier start left unfinished. */
    planBacklog: (): PlannedBatch[] => ledger.planBacklog(batchRows),
    /** Whether `available-now` has planned everything; always false for a stream with an interval. */
    hasPlannedAll: (): boolean => isAvailableNow && !ledger.isBehind(until ?? []),
    /** For the execution that continues the stream. */
    toState: () => ({ ...(ends && { ends }), ...(until && { until }) }),
    /** As of the last poll of the topic; null before the first. */
    lag,
    /** Undefined before the first poll. */
    position: (): ContinuousPosition | undefined =>
      ends && {
        topic,
        lag: lag() ?? 0,
        lookedAt: ends.lookedAt,
        partitions: ledger.watermark().map(({ partition, offset }) => ({
          partition,
          finished: offset,
          end: ends?.offsets.find((known) => known.partition === partition)?.high ?? offset,
        })),
      },
  };
}

function endsOf(offsets: readonly PartitionOffsets[]): PartitionOffset[] {
  return offsets.map(({ partition, high }) => ({ partition, offset: high }));
}

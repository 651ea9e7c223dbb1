import type { FailedBatch, LanedBatch, PlannedBatch } from './batch.ts';
import { packQueue, unpackQueue, type QueueState } from './queue-state.ts';

/** Without a lane, a batch takes the first that is free. */
export type QueuedBatch = PlannedBatch | LanedBatch;

/** A failure of an activity may quote a whole record. */
const MAX_REASON_CHARS = 300;

/**
 * The micro-batches of a stream that are not finished. Each is planned, to be retried, running or failed; at most one
 * runs in each lane.
 *
 * @param maxFailed with so many failed batches, only retries start
 */
export function createBatchQueue(lanes: number, from?: QueueState, maxFailed = Infinity) {
  const resumed = unpackQueue(from);
  const planned: QueuedBatch[] = [];
  const retries: LanedBatch[] = [...resumed.retry];
  const running = new Map<number, LanedBatch>();
  const failed = new Map(resumed.failed.map((batch) => [batch.batch, batch]));

  function freeLane(): number {
    let lane = 0;
    while (running.has(lane)) lane += 1;
    return lane;
  }

  function startFrom(queue: QueuedBatch[]): LanedBatch | undefined {
    const position = queue.findIndex((batch) => !('lane' in batch) || !running.has(batch.lane));
    const [next] = position < 0 ? [] : queue.splice(position, 1);
    if (next === undefined) return undefined;
    const batch = 'lane' in next ? next : { ...next, lane: freeLane() };
    running.set(batch.lane, batch);
    return batch;
  }

  function startable(): QueuedBatch[] {
    return failed.size < maxFailed ? planned : [];
  }

  function takeFailed(batches: readonly number[]): FailedBatch[] {
    const taken = batches.flatMap((batch) => failed.get(batch) ?? []);
    for (const { batch } of taken) failed.delete(batch);
    return taken;
  }

  return {
    add(batches: readonly QueuedBatch[]): void {
      for (const batch of batches) planned.push(batch);
    },
    /** The next batch whose lane is free, retries first. It occupies the lane until it has finished or failed. */
    start(): LanedBatch | undefined {
      if (running.size >= lanes) return undefined;
      return startFrom(retries) ?? startFrom(startable());
    },
    finish({ lane }: LanedBatch): void {
      running.delete(lane);
    },
    fail({ batch, ranges, lane }: LanedBatch, reason: string, failedAtMs: number): void {
      running.delete(lane);
      failed.set(batch, { batch, ranges, lane, reason: cut(reason), failedAtMs });
    },
    /** Queues failed batches again, each for its own lane. */
    retry(batches: readonly number[]): void {
      for (const { batch, ranges, lane } of takeFailed(batches)) {
        retries.push({ batch, ranges, lane, isRetry: true });
      }
    },
    /** Drops failed batches. @returns those that were dropped */
    skip: takeFailed,

    waiting: (): number => planned.length + retries.length,
    /** Whether a batch starts as soon as a lane is free. */
    canStart: (): boolean => retries.length + startable().length > 0,
    running: (): number => running.size,
    /** All that is neither finished nor skipped. */
    size: (): number => planned.length + retries.length + running.size + failed.size,
    /** In the order of their numbers. */
    failed: (): readonly FailedBatch[] => [...failed.values()].sort((a, b) => a.batch - b.batch),
    /** Numbers of a lane's batches that have failed, also of those that wait for their retry. */
    failedIn: (lane: number): number[] =>
      [...failed.values(), ...retries].filter((batch) => batch.lane === lane).map(({ batch }) => batch),
    /** Only while nothing is running. @returns also what was planned and never started */
    toState: (): QueueState & { readonly unstarted: readonly QueuedBatch[] } => ({
      ...packQueue([...failed.values()], retries),
      unstarted: [...planned],
    }),
  };
}

function cut(reason: string): string {
  return reason.length > MAX_REASON_CHARS ? `${reason.slice(0, MAX_REASON_CHARS)}…` : reason;
}

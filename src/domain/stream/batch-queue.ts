import type { FailedBatch, LanedBatch, PlannedBatch } from './batch.ts';

/** Without a lane, a batch takes the first that is free. */
export type QueuedBatch = PlannedBatch | LanedBatch;

export interface QueueState {
  readonly failed: readonly FailedBatch[];
  /** Failed batches that an operator retries and that have not started yet. */
  readonly retry: readonly LanedBatch[];
}

/**
 * The micro-batches of a stream that are not finished. Each is planned, to be retried, running or failed; at most one
 * runs in each lane.
 */
export function createBatchQueue(lanes: number, from: QueueState = { failed: [], retry: [] }) {
  const planned: QueuedBatch[] = [];
  const retries: LanedBatch[] = [...from.retry];
  const running = new Map<number, LanedBatch>();
  const failed = new Map(from.failed.map((batch) => [batch.batch, batch]));

  function freeLane(): number {
    let lane = 0;
    while (running.has(lane)) lane += 1;
    return lane;
  }

  function startFrom(queue: QueuedBatch[]): LanedBatch | undefined {
    const position = queue.findIndex((batch) => !('lane' in batch) || !running.has(batch.lane));
    const [next] = position < 0 ? [] : queue.splice(position, 1);
    if (next === undefined) return undefined;
    const batch = { batch: next.batch, ranges: next.ranges, lane: 'lane' in next ? next.lane : freeLane() };
    running.set(batch.lane, batch);
    return batch;
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
      return startFrom(retries) ?? startFrom(planned);
    },
    finish({ lane }: LanedBatch): void {
      running.delete(lane);
    },
    fail(batch: LanedBatch, reason: string, failedAtMs: number): void {
      running.delete(batch.lane);
      failed.set(batch.batch, { ...batch, reason, failedAtMs });
    },
    /** Queues failed batches again, each for its own lane. */
    retry(batches: readonly number[]): void {
      retries.push(...takeFailed(batches).map(({ batch, ranges, lane }) => ({ batch, ranges, lane })));
    },
    /** Drops failed batches. @returns those that were dropped */
    skip: takeFailed,

    waiting: (): number => planned.length + retries.length,
    running: (): number => running.size,
    /** All that is neither finished nor skipped. */
    size: (): number => planned.length + retries.length + running.size + failed.size,
    /** In the order of their numbers. */
    failed: (): readonly FailedBatch[] => [...failed.values()].sort((a, b) => a.batch - b.batch),
    /** Only while nothing is running. @returns also what was planned and never started */
    toState: (): QueueState & { readonly unstarted: readonly QueuedBatch[] } => ({
      failed: [...failed.values()],
      retry: [...retries],
      unstarted: [...planned],
    }),
  };
}

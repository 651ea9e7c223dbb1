import type { RecentBatch } from '../run/progress.ts';

/** Enough to see the pattern; a payload stays small. */
const LISTED = 10;
const RATE_WINDOW_MS = 60_000;
/** Rows are counted by intervals, so that a state is small however many batches finish in a minute. */
const INTERVAL_MS = 5_000;

/** For the execution that continues the stream. */
export interface RecentState {
  readonly sinceMs: number;
  /** Newest last. */
  readonly batches: readonly RecentBatch[];
  /** By interval that any batch has finished in; oldest first. */
  readonly rows: readonly (readonly [interval: number, rows: number])[];
}

/** The newest finished micro-batches, and the rate at which they finish. */
export function createRecentBatches(startedAtMs: number, resumed?: RecentState) {
  const sinceMs = resumed?.sinceMs ?? startedAtMs;
  let batches = resumed?.batches ?? [];
  let rows = resumed?.rows ?? [];

  return {
    add(batch: RecentBatch, atMs: number): void {
      const interval = toInterval(atMs);
      const before = rows.filter(([known]) => known !== interval && known >= firstInterval(atMs));
      const [, soFar] = rows.find(([known]) => known === interval) ?? [interval, 0];
      rows = [...before, [interval, soFar + batch.rows]];
      batches = [...batches, batch].slice(-LISTED);
    },
    /** Newest last. */
    newest: () => batches,
    /** Over the last minute, or since the start. */
    rowsPerSecond(nowMs: number): number {
      const first = firstInterval(nowMs);
      const sum = rows.reduce((total, [interval, count]) => (interval >= first ? total + count : total), 0);
      const fromMs = Math.max(sinceMs, first * INTERVAL_MS);
      return Math.round(sum / Math.max(1, (nowMs - fromMs) / 1_000));
    },
    toState: (): RecentState => ({ sinceMs, batches, rows }),
  };
}

function toInterval(ms: number): number {
  return Math.floor(ms / INTERVAL_MS);
}

/** The first that lies in the last minute as a whole. */
function firstInterval(nowMs: number): number {
  return Math.ceil((nowMs - RATE_WINDOW_MS) / INTERVAL_MS);
}

export type RecentBatches = ReturnType<typeof createRecentBatches>;

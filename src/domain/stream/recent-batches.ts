import type { RecentBatch } from '../run/progress.ts';

/** Enough to see the pattern; a payload stays small. */
const LISTED = 10;
const RATE_WINDOW_MS = 60_000;

/** The newest finished micro-batches, and the rate at which they finish. */
export function createRecentBatches(startedAtMs: number) {
  const recent: { readonly batch: RecentBatch; readonly atMs: number }[] = [];

  return {
    add(batch: RecentBatch, atMs: number): void {
      recent.push({ batch, atMs });
      while (recent.length > LISTED && (recent[0]?.atMs ?? atMs) < atMs - RATE_WINDOW_MS) recent.shift();
    },
    /** Newest last. */
    newest: (): readonly RecentBatch[] => recent.slice(-LISTED).map(({ batch }) => batch),
    /** Over the last minute, or since the start. */
    rowsPerSecond(nowMs: number): number {
      const sinceMs = Math.max(startedAtMs, nowMs - RATE_WINDOW_MS);
      const rows = recent.reduce((sum, { batch, atMs }) => (atMs >= sinceMs ? sum + batch.rows : sum), 0);
      return Math.round(rows / Math.max(1, (nowMs - sinceMs) / 1_000));
    },
  };
}

export type RecentBatches = ReturnType<typeof createRecentBatches>;

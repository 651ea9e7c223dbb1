import { createDraws } from './draws.ts';

export type Interval = readonly [low: number, high: number];

/** Of all rows of one resample. @param sums of each column, over these rows */
export type Statistic = (rows: number, sums: Float64Array) => number;

/** Enough for two stable digits of a 95 % interval (Efron & Tibshirani 1993, chapter 13). */
const RESAMPLES = 2_000;
const TAIL = 0.025;
/** With more rows, neighbouring rows are drawn together: the time must not grow with them. */
const MAX_BLOCKS = 10_000;
/** Draws between two pauses, some 10 ms; the first take longer. */
const DRAWS_AT_A_TIME = 250_000;

/**
 * 95 % percentile intervals of statistics of the same rows, by bootstrap: rows are drawn with replacement.
 *
 * @param rows at least 1
 * @param columns finite values by row; a statistic is a function of their sums
 * @param seed the same seed gives the same intervals
 * @param pause awaited from time to time, so that the thread can do something else
 */
export async function bootstrapIntervals(
  rows: number,
  columns: readonly ((row: number) => number)[],
  statistics: readonly Statistic[],
  seed: number,
  pause: () => Promise<void>,
): Promise<readonly Interval[]> {
  const { counts, sums } = toBlocks(rows, columns);
  const draw = createDraws(seed, 0);
  const found = statistics.map(() => new Float64Array(RESAMPLES));
  const drawn = new Float64Array(columns.length);
  const atATime = Math.ceil(DRAWS_AT_A_TIME / counts.length);
  for (let i = 0; i < RESAMPLES; i += 1) {
    if (i > 0 && i % atATime === 0) await pause();
    const drawnRows = resample(counts, sums, draw, drawn);
    for (const [s, statistic] of statistics.entries()) {
      (found[s] as Float64Array)[i] = statistic(drawnRows, drawn);
    }
  }
  return found.map(percentiles);
}

/** @param drawn receives the sums of the columns @returns the number of rows drawn */
function resample(
  counts: Float64Array,
  sums: readonly Float64Array[],
  draw: (bound: number) => number,
  drawn: Float64Array,
): number {
  const blocks = counts.length;
  let rows = 0;
  drawn.fill(0);
  for (let i = 0; i < blocks; i += 1) {
    const block = draw(blocks);
    rows += counts[block] as number;
    for (let c = 0; c < sums.length; c += 1) {
      drawn[c] = (drawn[c] as number) + ((sums[c] as Float64Array)[block] as number);
    }
  }
  return rows;
}

function toBlocks(rows: number, columns: readonly ((row: number) => number)[]) {
  const count = Math.min(rows, MAX_BLOCKS);
  const counts = new Float64Array(count);
  const sums = columns.map(() => new Float64Array(count));
  for (let row = 0; row < rows; row += 1) {
    const block = Math.floor((row * count) / rows);
    counts[block] = (counts[block] as number) + 1;
    for (const [c, valueOf] of columns.entries()) {
      const sum = sums[c] as Float64Array;
      sum[block] = (sum[block] as number) + valueOf(row);
    }
  }
  return { counts, sums };
}

function percentiles(values: Float64Array): Interval {
  values.sort();
  const at = (share: number): number => values[Math.round(share * (RESAMPLES - 1))] as number;
  return [at(TAIL), at(1 - TAIL)];
}

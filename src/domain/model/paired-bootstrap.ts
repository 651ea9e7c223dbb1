import { createDraws } from './draws.ts';

/** Enough for two stable digits of a 95 % interval (Efron & Tibshirani 1993, chapter 13). */
const RESAMPLES = 2_000;
const TAIL = 0.025;
/** With more rows, neighbouring rows are drawn together: the time must not grow with them. */
const MAX_BLOCKS = 10_000;
/** Draws between two pauses, some 10 ms; the first take longer. */
const DRAWS_AT_A_TIME = 250_000;

/** Squared errors of rows that are drawn together. */
interface Blocks {
  readonly rows: Float64Array;
  readonly sumA: Float64Array;
  readonly sumB: Float64Array;
}

/**
 * 95 % percentile interval of RMSE(a) − RMSE(b) over the same rows. Both errors of a row are drawn together, so that the
 * difficulty of a row cancels out.
 *
 * @param a errors by row, finite
 * @param b same length and order
 * @param seed the same seed gives the same interval
 * @param pause awaited from time to time, so that the thread can do something else
 */
export async function rmseDifferenceInterval(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  seed: number,
  pause: () => Promise<void>,
): Promise<readonly [low: number, high: number]> {
  if (a.length === 0 || a.length !== b.length) {
    throw new RangeError(
      `a paired interval needs equal, non-empty inputs: ${a.length} and ${b.length} values`,
    );
  }
  const blocks = toBlocks(a, b);
  const draw = createDraws(seed, 0);
  const differences = new Float64Array(RESAMPLES);
  const atATime = Math.ceil(DRAWS_AT_A_TIME / blocks.rows.length);
  for (let i = 0; i < RESAMPLES; i += 1) {
    if (i > 0 && i % atATime === 0) await pause();
    differences[i] = resample(blocks, draw);
  }
  differences.sort();
  const at = (share: number): number => differences[Math.round(share * (RESAMPLES - 1))] as number;
  return [at(TAIL), at(1 - TAIL)];
}

function resample({ rows, sumA, sumB }: Blocks, draw: (bound: number) => number): number {
  const blocks = rows.length;
  let drawn = 0;
  let squaredA = 0;
  let squaredB = 0;
  for (let i = 0; i < blocks; i += 1) {
    const block = draw(blocks);
    drawn += rows[block] as number;
    squaredA += sumA[block] as number;
    squaredB += sumB[block] as number;
  }
  return Math.sqrt(squaredA / drawn) - Math.sqrt(squaredB / drawn);
}

function toBlocks(a: ArrayLike<number>, b: ArrayLike<number>): Blocks {
  const count = Math.min(a.length, MAX_BLOCKS);
  const [rows, sumA, sumB] = [new Float64Array(count), new Float64Array(count), new Float64Array(count)];
  for (let i = 0; i < a.length; i += 1) {
    const block = Math.floor((i * count) / a.length);
    rows[block] = (rows[block] as number) + 1;
    const [errorA, errorB] = [a[i] as number, b[i] as number];
    sumA[block] = (sumA[block] as number) + errorA * errorA;
    sumB[block] = (sumB[block] as number) + errorB * errorB;
  }
  return { rows, sumA, sumB };
}

import { createDraws } from './draws.ts';

/** Enough for two stable digits of a 95 % interval (Efron & Tibshirani 1993, chapter 13). */
const RESAMPLES = 2_000;
const TAIL = 0.025;
/** With more rows, neighbouring rows are drawn together, because the thread must not be busy for a heartbeat timeout. */
const MAX_BLOCKS = 10_000;

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
 */
export function rmseDifferenceInterval(
  a: readonly number[],
  b: readonly number[],
  seed: number,
): readonly [low: number, high: number] {
  if (a.length === 0 || a.length !== b.length) {
    throw new RangeError(
      `a paired interval needs equal, non-empty inputs: ${a.length} and ${b.length} values`,
    );
  }
  const { rows, sumA, sumB } = toBlocks(a, b);
  const blocks = rows.length;
  const draw = createDraws(seed, 0);
  const differences = Float64Array.from({ length: RESAMPLES }, () => {
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
  }).sort();
  const at = (share: number): number => differences[Math.round(share * (RESAMPLES - 1))] as number;
  return [at(TAIL), at(1 - TAIL)];
}

function toBlocks(a: readonly number[], b: readonly number[]): Blocks {
  const count = Math.min(a.length, MAX_BLOCKS);
  const [rows, sumA, sumB] = [new Float64Array(count), new Float64Array(count), new Float64Array(count)];
  a.forEach((errorA, i) => {
    const errorB = b[i] as number;
    const block = Math.floor((i * count) / a.length);
    rows[block] = (rows[block] as number) + 1;
    sumA[block] = (sumA[block] as number) + errorA * errorA;
    sumB[block] = (sumB[block] as number) + errorB * errorB;
  });
  return { rows, sumA, sumB };
}

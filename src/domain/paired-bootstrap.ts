import { createDraws } from './draws.ts';

/** Enough that the ends of a 95 % interval are steady in the second digit (Efron & Tibshirani 1993, chapter 13). */
const RESAMPLES = 2_000;
const TAIL = 0.025;
/** Rows × resamples; beyond that the interval is narrow anyway, so fewer resamples do. */
const MAX_DRAWS = 50_000_000;
const MIN_RESAMPLES = 200;

/**
 * 95 % percentile interval of RMSE(a) − RMSE(b) over the same rows: rows are drawn together, so what makes a row hard
 * for both cancels out.
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
  const rows = a.length;
  if (rows === 0 || rows !== b.length) {
    throw new RangeError(`a paired interval needs equal, non-empty inputs: ${rows} and ${b.length} values`);
  }
  const squaredA = Float64Array.from(a, (error) => error * error);
  const squaredB = Float64Array.from(b, (error) => error * error);
  const draw = createDraws(seed, 0);
  const resamples = Math.min(RESAMPLES, Math.max(MIN_RESAMPLES, Math.floor(MAX_DRAWS / rows)));
  const differences = Float64Array.from({ length: resamples }, () => {
    let sumA = 0;
    let sumB = 0;
    for (let i = 0; i < rows; i += 1) {
      const row = draw(rows);
      sumA += squaredA[row] as number;
      sumB += squaredB[row] as number;
    }
    return Math.sqrt(sumA / rows) - Math.sqrt(sumB / rows);
  }).sort();
  const at = (share: number): number => differences[Math.round(share * (resamples - 1))] as number;
  return [at(TAIL), at(1 - TAIL)];
}

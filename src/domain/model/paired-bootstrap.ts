import { bootstrapIntervals, type Interval } from './bootstrap.ts';

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
): Promise<Interval> {
  if (a.length === 0 || a.length !== b.length) {
    throw new RangeError(
      `a paired interval needs equal, non-empty inputs: ${a.length} and ${b.length} values`,
    );
  }
  const squared = (errors: ArrayLike<number>) => (row: number) => (errors[row] as number) ** 2;
  const [interval] = await bootstrapIntervals(
    a.length,
    [squared(a), squared(b)],
    [(rows, [sumA = 0, sumB = 0]) => Math.sqrt(sumA / rows) - Math.sqrt(sumB / rows)],
    seed,
    pause,
  );
  return interval as Interval;
}

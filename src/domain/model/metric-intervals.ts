import { bootstrapIntervals, type Interval, type Statistic } from './bootstrap.ts';
import type { RegressionMetrics } from './metrics.ts';

/** 95 % intervals of the metrics, by bootstrap over the rows. */
export type MetricIntervals = Readonly<Record<keyof RegressionMetrics, Interval>>;

const rmse: Statistic = (rows, [squared = 0]) => Math.sqrt(squared / rows);
const mae: Statistic = (rows, [, absolute = 0]) => absolute / rows;
/** As `regressionMetrics`: 1 or 0 where the drawn values do not vary. */
const r2: Statistic = (rows, [squared = 0, , sum = 0, sumOfSquares = 0]) => {
  const total = sumOfSquares - sum ** 2 / rows;
  // Rounding leaves a little where all values are equal.
  const varies = total > sumOfSquares * Number.EPSILON * rows;
  return varies ? 1 - squared / total : Number(squared === 0);
};

/**
 * How much the metrics of a model would vary with other rows.
 *
 * @param actual    known ratings, length n ≥ 1, finite
 * @param predicted same length and order, finite
 * @param seed the same seed gives the same intervals
 * @param pause see `bootstrapIntervals`
 */
export async function metricIntervals(
  actual: Float64Array,
  predicted: Float64Array,
  seed: number,
  pause: () => Promise<void>,
): Promise<MetricIntervals> {
  // Of values around 0, a sum of squares is exact enough.
  const mean = actual.reduce((sum, value) => sum + value, 0) / actual.length;
  const errorOf = (row: number): number => (actual[row] as number) - (predicted[row] as number);
  const centred = (row: number): number => (actual[row] as number) - mean;
  const found = await bootstrapIntervals(
    actual.length,
    [(row) => errorOf(row) ** 2, (row) => Math.abs(errorOf(row)), centred, (row) => centred(row) ** 2],
    [rmse, mae, r2],
    seed,
    pause,
  );
  const [ofRmse, ofMae, ofR2] = found as [Interval, Interval, Interval];
  return { rmse: ofRmse, mae: ofMae, r2: ofR2 };
}

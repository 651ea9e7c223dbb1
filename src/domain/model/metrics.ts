/** Regression metrics, named and defined as in scikit-learn's `metrics` module. */
export interface RegressionMetrics {
  /** Root mean squared error, in rating points. */
  readonly rmse: number;
  /** Mean absolute error, in rating points. */
  readonly mae: number;
  /** Coefficient of determination. Where the actual values do not vary: 1 if all predictions are exact, else 0. */
  readonly r2: number;
}

/**
 * @param actual    known ratings, length n ≥ 1
 * @param predicted same length and order
 * @throws RangeError on empty, unequal or non-finite input, because JSON silently turns NaN into null
 */
export function regressionMetrics(
  actual: readonly number[],
  predicted: readonly number[],
): RegressionMetrics {
  if (actual.length === 0 || actual.length !== predicted.length) {
    throw new RangeError(
      `metrics need equal, non-empty inputs: ${actual.length} and ${predicted.length} values`,
    );
  }
  // Not `total > 0`: rounding can make the mean of equal values differ from them.
  const varies = actual.some((value) => value !== actual[0]);
  const mean = actual.reduce((sum, value) => sum + value, 0) / actual.length;
  let squared = 0;
  let absolute = 0;
  let total = 0;
  actual.forEach((value, i) => {
    const error = value - (predicted[i] ?? Number.NaN);
    squared += error * error;
    absolute += Math.abs(error);
    total += (value - mean) ** 2;
  });
  if (!Number.isFinite(squared)) throw new RangeError('metrics need finite values');
  return {
    rmse: Math.sqrt(squared / actual.length),
    mae: absolute / actual.length,
    r2: varies ? 1 - squared / total : Number(squared === 0),
  };
}

/** RMSE of errors. @param errors length n ≥ 1 */
export function rootMeanSquare(errors: readonly number[]): number {
  return Math.sqrt(errors.reduce((sum, error) => sum + error * error, 0) / errors.length);
}

export function describeMetrics({ rmse, mae, r2 }: RegressionMetrics): string {
  return `RMSE ${rmse.toFixed(3)}, MAE ${mae.toFixed(3)}, R² ${r2.toFixed(3)}`;
}

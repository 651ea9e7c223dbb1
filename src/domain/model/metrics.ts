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
  actual: ArrayLike<number>,
  predicted: ArrayLike<number>,
): RegressionMetrics {
  const rows = actual.length;
  if (rows === 0 || rows !== predicted.length) {
    throw new RangeError(`metrics need equal, non-empty inputs: ${rows} and ${predicted.length} values`);
  }
  // Not `total > 0`: rounding can make the mean of equal values differ from them.
  let varies = false;
  let sum = 0;
  for (let i = 0; i < rows; i += 1) {
    sum += actual[i] as number;
    varies ||= actual[i] !== actual[0];
  }
  const mean = sum / rows;
  let squared = 0;
  let absolute = 0;
  let total = 0;
  for (let i = 0; i < rows; i += 1) {
    const value = actual[i] as number;
    const error = value - (predicted[i] as number);
    squared += error * error;
    absolute += Math.abs(error);
    total += (value - mean) ** 2;
  }
  if (!Number.isFinite(squared)) throw new RangeError('metrics need finite values');
  return {
    rmse: Math.sqrt(squared / rows),
    mae: absolute / rows,
    r2: varies ? 1 - squared / total : Number(squared === 0),
  };
}

/** RMSE of errors. @param errors length n ≥ 1 */
export function rootMeanSquare(errors: Float64Array | readonly number[]): number {
  let squared = 0;
  for (const error of errors) squared += error * error;
  return Math.sqrt(squared / errors.length);
}

export function describeMetrics({ rmse, mae, r2 }: RegressionMetrics): string {
  return `RMSE ${rmse.toFixed(3)}, MAE ${mae.toFixed(3)}, R² ${r2.toFixed(3)}`;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return mean(sorted.slice(Math.ceil(middle) - 1, Math.floor(middle) + 1));
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Of the mean; NaN for a single value. */
export function standardError(values: readonly number[]): number {
  const centre = mean(values);
  const squares = values.reduce((sum, value) => sum + (value - centre) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1) / values.length);
}

export function rootMeanSquaredError(actual: Float64Array, predicted: Float64Array): number {
  const squares = actual.reduce((sum, value, row) => sum + (value - (predicted[row] as number)) ** 2, 0);
  return Math.sqrt(squares / actual.length);
}

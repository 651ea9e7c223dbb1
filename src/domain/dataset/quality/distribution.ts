/** Steps of the quantiles that are kept; a multiple of 10, so that the deciles are among them. */
const STEPS = 250;

/**
 * How the values of a column are distributed: exact counts at its quantiles. Between two of them lies less than 1/250 of
 * the rows, so that much is not known of where these are.
 */
export interface Distribution {
  readonly rows: number;
  readonly mean: number;
  /** Without repetition, growing: the smallest value, the 249 quantiles between, and the largest value. */
  readonly values: Float64Array;
  /** By value: the rows with a smaller one. */
  readonly below: Int32Array;
  /** By value: the rows with this or a smaller one. */
  readonly upTo: Int32Array;
}

/** @param sorted growing, finite, at least one */
export function distributionOf(sorted: Float64Array): Distribution {
  const rows = sorted.length;
  const quantiles: number[] = [];
  for (let step = 0; step <= STEPS; step += 1) {
    const value = sorted[Math.max(0, Math.ceil((step * rows) / STEPS) - 1)] as number;
    if (value !== quantiles.at(-1)) quantiles.push(value);
  }
  const values = Float64Array.from(quantiles);
  return { rows, mean: meanOf(sorted), values, ...countAt(sorted, values) };
}

/**
 * @param sorted growing
 * @returns by value: how many of `sorted` are smaller, and how many are not larger
 */
export function countAt(sorted: Float64Array, values: Float64Array): Pick<Distribution, 'below' | 'upTo'> {
  return {
    below: Int32Array.from(values, (value) => firstWhere(sorted, (one) => one >= value)),
    upTo: Int32Array.from(values, (value) => firstWhere(sorted, (one) => one > value)),
  };
}

/** The smallest value that at least this share of the rows does not exceed. */
export function quantileOf({ rows, values, upTo }: Distribution, share: number): number {
  return values[firstWhere(upTo, (count) => count >= share * rows)] ?? (values.at(-1) as number);
}

/** The share of the rows that do not exceed `value`; between two known values on a straight line. */
export function shareUpTo({ rows, values, below, upTo }: Distribution, value: number): number {
  const next = firstWhere(values, (one) => one > value);
  if (next === 0) return 0;
  const known = upTo[next - 1] as number;
  if (next === values.length) return known / rows;
  const from = values[next - 1] as number;
  const to = values[next] as number;
  // The distance of two large numbers may be infinite, and half of the smallest one is 0.
  const part = Number.isFinite(to - from)
    ? (value - from) / (to - from)
    : (value / 2 - from / 2) / (to / 2 - from / 2);
  return (known + part * ((below[next] as number) - known)) / rows;
}

/** A running mean: a sum, or the distance of two values, could exceed the largest double. */
function meanOf(values: Float64Array): number {
  let mean = 0;
  for (let i = 0; i < values.length; i += 1) mean += (values[i] as number) / (i + 1) - mean / (i + 1);
  return mean;
}

/** The first index that a condition holds for, which holds from there on; the length if there is none. */
function firstWhere(sorted: Float64Array | Int32Array, holds: (value: number) => boolean): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(sorted[middle] as number)) high = middle;
    else low = middle + 1;
  }
  return low;
}

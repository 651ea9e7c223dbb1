const MAX_BINS = 30;

/** At most `most` of the values, evenly spaced, so that the same data always gives the same plot. */
export function thinOut<T>(values: readonly T[], most: number): readonly T[] {
  if (values.length <= most) return values;
  return Array.from({ length: most }, (_, i) => values[Math.floor((i * values.length) / most)] as T);
}

/** Bounds of equal bins from the smallest to the largest value, at most {@link MAX_BINS}; the step is 1, 2, 2.5 or 5 times a power of ten. */
export function binBounds(low: number, high: number): readonly number[] {
  const step = niceStep((high - low) / (MAX_BINS - 2));
  const first = Math.floor(low / step);
  const bins = Math.floor(high / step) - first + 1;
  return Array.from({ length: bins + 1 }, (_, i) => (first + i) * step);
}

/** Number of values in each bin; a bin includes its lower bound. */
export function binCounts(values: Float64Array, bounds: readonly number[]): readonly number[] {
  const [first = 0, second = 1] = bounds;
  const counts = Array.from({ length: bounds.length - 1 }, () => 0);
  for (const value of values) {
    const bin = Math.min(counts.length - 1, Math.max(0, Math.floor((value - first) / (second - first))));
    counts[bin] = (counts[bin] as number) + 1;
  }
  return counts;
}

function niceStep(atLeast: number): number {
  if (!(atLeast > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(atLeast));
  return [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((step) => step >= atLeast) ?? 10 * power;
}

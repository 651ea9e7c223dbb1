import { extentOf } from './extent.ts';

const WANTED_BINS = 30;

/** Bounds of equal bins that cover all values: a step of 1, 2, 2.5 or 5 times a power of ten, at most {@link WANTED_BINS}. */
export function binBounds(values: readonly number[]): readonly number[] {
  const [low, high] = extentOf(values);
  const step = niceStep((high - low) / (WANTED_BINS - 2));
  const first = Math.floor(low / step);
  const bins = Math.floor(high / step) - first + 1;
  return Array.from({ length: bins + 1 }, (_, i) => (first + i) * step);
}

/** How many values each bin holds; the lower bound belongs to a bin. */
export function binCounts(values: readonly number[], bounds: readonly number[]): readonly number[] {
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

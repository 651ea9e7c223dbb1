import { quantileOf, shareUpTo, type Distribution } from './distribution.ts';

/** Two distributions over the same bins. */
export interface HistogramPair {
  /** Of bins of equal width; the first and the last one also hold what lies outside. */
  readonly bounds: readonly number[];
  /** Shares of the rows, by bin. */
  readonly before: readonly number[];
  readonly now: readonly number[];
}

/** Content of a run's artifact `histograms`: the columns that its result lists, in that order. */
export type DriftHistograms = readonly (HistogramPair & { readonly column: string })[];

const BINS = 24;
/** Extremes would leave the others one bin. */
const TAIL = 0.01;

export function histogramsOf(before: Distribution, now: Distribution): HistogramPair {
  const low = Math.min(quantileOf(before, TAIL), quantileOf(now, TAIL));
  const high = Math.max(quantileOf(before, 1 - TAIL), quantileOf(now, 1 - TAIL));
  const bins = low === high ? 1 : BINS;
  // Not low + i · width: the width of two large numbers may be infinite.
  const bounds = Array.from({ length: bins + 1 }, (_, i) => low * (1 - i / bins) + high * (i / bins));
  return { bounds, before: sharesOf(before, bounds), now: sharesOf(now, bounds) };
}

function sharesOf(distribution: Distribution, bounds: readonly number[]): readonly number[] {
  const inner = bounds.slice(1, -1).map((bound) => shareUpTo(distribution, bound));
  const ends = [...inner, 1];
  return ends.map((end, bin) => end - (ends[bin - 1] ?? 0));
}

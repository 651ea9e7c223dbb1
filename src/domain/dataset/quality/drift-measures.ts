import { countAt, quantileOf, type Distribution } from './distribution.ts';

export interface DriftMeasures {
  /** Population stability index over the deciles of the earlier rows. */
  readonly psi: number;
  /** The PSI that chance alone exceeds with the probability that was asked for, when nothing has changed. */
  readonly chance: number;
  /** Kolmogorov–Smirnov statistic: largest difference between the two cumulative shares. Short of it by less than 1/250. */
  readonly ks: number;
}

/**
 * Compares today's rows with those of an earlier day.
 *
 * The bins of the PSI end at the deciles of the earlier rows. A value that two deciles share, such as the 0 of a column
 * that is mostly 0, is a bin of its own, because otherwise rows could move away from it within their bin unseen.
 *
 * @param today growing, finite, at least one
 * @param falseAlarms probability, see {@link DriftMeasures.chance}
 */
export function measureDrift(before: Distribution, today: Float64Array, falseAlarms: number): DriftMeasures {
  const now = countAt(today, before.values);
  const cuts = cutsOf(before);
  const binned = [binCounts(cuts, before, before.rows), binCounts(cuts, now, today.length)] as const;
  return {
    psi: populationStabilityIndex(...binned),
    chance: psiByChance(cuts.length + 1, before.rows, today.length, falseAlarms),
    ks: largestDifference(before, now, today.length),
  };
}

/** An empty bin would make the index infinite, and a handful of rows among millions must not matter. */
const MIN_SHARE = 0.001;

/**
 * Sum over the bins of (now − before) · ln(now / before), of shares; N. Siddiqi, Credit Risk Scorecards (2006). By the
 * usual rule of thumb, below 0.1 is no change and above 0.25 a large one. A share below 0.001 counts as 0.001.
 *
 * @param before rows by bin
 * @param now rows by bin
 */
export function populationStabilityIndex(before: readonly number[], now: readonly number[]): number {
  const expected = toShares(before);
  const actual = toShares(now);
  return expected.reduce((sum, share, bin) => {
    const other = actual[bin] as number;
    return sum + (other - share) * Math.log(other / share);
  }, 0);
}

/**
 * Of two samples of one population, PSI / (1/n + 1/m) has about a χ² distribution with bins − 1 degrees of freedom;
 * B. Yurdakul and J. Naranjo, Statistical properties of the population stability index, Journal of Risk Model Validation
 * 14 (2020).
 *
 * @returns the PSI that is exceeded with this probability
 */
export function psiByChance(bins: number, n: number, m: number, probability: number): number {
  return chiSquareExceeded(bins - 1, probability) * (1 / n + 1 / m);
}

interface Cut {
  /** Position in the values of the earlier distribution. */
  readonly at: number;
  /** Whether the value itself belongs to the bin that ends here. */
  readonly isIn: boolean;
}

function cutsOf(before: Distribution): readonly Cut[] {
  const deciles = Array.from({ length: 11 }, (_, i) => quantileOf(before, i / 10));
  const ends = [deciles[0], deciles[10]];
  return [...new Set(deciles)].flatMap((value) => {
    const at = before.values.indexOf(value);
    const isShared = deciles.indexOf(value) !== deciles.lastIndexOf(value);
    if (isShared)
      return [
        { at, isIn: false },
        { at, isIn: true },
      ];
    return ends.includes(value) ? [] : [{ at, isIn: true }];
  });
}

function binCounts(
  cuts: readonly Cut[],
  { below, upTo }: Pick<Distribution, 'below' | 'upTo'>,
  rows: number,
): readonly number[] {
  const ends = [...cuts.map(({ at, isIn }) => (isIn ? upTo : below)[at] as number), rows];
  return ends.map((end, bin) => end - (ends[bin - 1] ?? 0));
}

function toShares(counts: readonly number[]): readonly number[] {
  const total = counts.reduce((sum, count) => sum + count, 0);
  return counts.map((count) => Math.max(MIN_SHARE, count / total));
}

function largestDifference(
  before: Distribution,
  now: Pick<Distribution, 'below' | 'upTo'>,
  rows: number,
): number {
  let largest = 0;
  for (let i = 0; i < before.values.length; i += 1) {
    const difference = (side: 'below' | 'upTo'): number =>
      Math.abs((before[side][i] as number) / before.rows - (now[side][i] as number) / rows);
    largest = Math.max(largest, difference('below'), difference('upTo'));
  }
  return largest;
}

/** Approximation by E. B. Wilson and M. M. Hilferty (1931): within 3 % for 2 degrees of freedom, better for more. */
function chiSquareExceeded(degrees: number, probability: number): number {
  const spread = 2 / (9 * degrees);
  return degrees * (1 - spread + normalExceeded(probability) * Math.sqrt(spread)) ** 3;
}

/** Abramowitz and Stegun 26.2.23, for probabilities up to 0.5: within 0.00045. */
function normalExceeded(probability: number): number {
  const t = Math.sqrt(-2 * Math.log(probability));
  return (
    t -
    (2.515517 + 0.802853 * t + 0.010328 * t ** 2) / (1 + 1.432788 * t + 0.189269 * t ** 2 + 0.001308 * t ** 3)
  );
}

/**
 * The best split of a node. Score: (S_left · W − S · W_left)² / (W_left · W_right), which is the decrease of the squared
 * error times W. Quotients are compared, not cross products: rounded products do not order ties consistently, so the
 * order of comparison would decide.
 */
export let bestScore: f64 = -1;
export let bestFeature: i32 = -1;
/** The split: the address of the last left row's offset in its order, or in large nodes its rank. */
export let bestAt: usize = 0;
/** In large nodes the rank of the first right row. */
export let bestUpper: u32 = 0;
/** Sums of the left side. */
export let bestSum: f64 = 0;
export let bestWeight: f64 = 0;

export function resetBest(): void {
  bestScore = -1;
  bestFeature = -1;
}

/** Only a strictly better split replaces an earlier one, so the first feature tried and its lowest value win ties. */
export function offer(score: f64, feature: i32, at: usize, upper: u32, sum: f64, weight: f64): void {
  if (!(score > bestScore)) return;
  bestScore = score;
  bestFeature = feature;
  bestAt = at;
  bestUpper = upper;
  bestSum = sum;
  bestWeight = weight;
}

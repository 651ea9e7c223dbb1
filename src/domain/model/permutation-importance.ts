import { createDraws } from './draws.ts';

/** How much worse the model gets when a feature's values are shuffled; scikit-learn: permutation_importance. */
export interface PermutationImportance {
  readonly feature: string;
  /** Mean decrease of R² over the repeats. */
  readonly mean: number;
  /** Its standard deviation over the repeats. */
  readonly std: number;
}

/** scikit-learn: n_repeats */
export const PERMUTATION_REPEATS = 5;
/** More rows would take longer and change the second digit at most. */
const MAX_ROWS = 10_000;
/** Rows × features, each of which is predicted {@link PERMUTATION_REPEATS} times: seconds, and 8 bytes each. */
const MAX_CELLS = 1_000_000;
/** Fewer would tell nothing. */
const MIN_ROWS = 100;

/** How many rows are enough for the importances of so many features. */
export function permutationRows(features: number): number {
  return Math.min(MAX_ROWS, Math.max(MIN_ROWS, Math.floor(MAX_CELLS / features)));
}

/**
 * One column, shuffled {@link PERMUTATION_REPEATS} times, one after the other. The same seed and feature give the same
 * orders.
 */
export function* shuffledColumns(
  column: Float64Array,
  seed: number,
  feature: number,
): Generator<Float64Array, void, void> {
  const draw = createDraws(seed, feature);
  for (let repeat = 0; repeat < PERMUTATION_REPEATS; repeat += 1) {
    const shuffled = column.slice();
    for (let i = shuffled.length - 1; i > 0; i -= 1) {
      const j = draw(i + 1);
      const value = shuffled[i] as number;
      shuffled[i] = shuffled[j] as number;
      shuffled[j] = value;
    }
    yield shuffled;
  }
}

/**
 * @param scores R² of the model after each shuffle
 * @param baseline its R² on the same rows as they are
 */
export function permutationImportance(
  feature: string,
  scores: readonly number[],
  baseline: number,
): PermutationImportance {
  const decreases = scores.map((score) => baseline - score);
  const mean = decreases.reduce((sum, decrease) => sum + decrease, 0) / decreases.length;
  const variance = decreases.reduce((sum, decrease) => sum + (decrease - mean) ** 2, 0) / decreases.length;
  return { feature, mean, std: Math.sqrt(variance) };
}

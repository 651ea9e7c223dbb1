import { createDraws } from './draws.ts';
import { regressionMetrics } from './metrics.ts';

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

/** One column, shuffled {@link PERMUTATION_REPEATS} times. The same seed and feature give the same orders. */
export function shuffledColumns(
  column: readonly number[],
  seed: number,
  feature: number,
): readonly (readonly number[])[] {
  const draw = createDraws(seed, feature);
  return Array.from({ length: PERMUTATION_REPEATS }, () => {
    const shuffled = [...column];
    for (let i = shuffled.length - 1; i > 0; i -= 1) {
      const j = draw(i + 1);
      [shuffled[i], shuffled[j]] = [shuffled[j] as number, shuffled[i] as number];
    }
    return shuffled;
  });
}

/**
 * @param predictions one array per repeat, parallel to `actual`
 * @param baseline R² of the model on the rows as they are
 */
export function permutationImportance(
  feature: string,
  actual: readonly number[],
  predictions: readonly (readonly number[])[],
  baseline: number,
): PermutationImportance {
  const decreases = predictions.map((predicted) => baseline - regressionMetrics(actual, predicted).r2);
  const mean = decreases.reduce((sum, decrease) => sum + decrease, 0) / decreases.length;
  const variance = decreases.reduce((sum, decrease) => sum + (decrease - mean) ** 2, 0) / decreases.length;
  return { feature, mean, std: Math.sqrt(variance) };
}

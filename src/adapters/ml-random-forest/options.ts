import type { GrowthParams } from '../../domain/model/model.ts';

/** The package's constructor options, as plain data for a thread. */
export interface MlForestOptions {
  readonly nEstimators: number;
  readonly maxFeatures: number;
  readonly replacement: boolean;
  readonly seed: number;
  readonly useSampleBagging: boolean;
  readonly noOOB: boolean;
  readonly treeOptions: { readonly minNumSamples: number; readonly maxDepth?: number };
}

/**
 * The package reads `maxFeatures` up to 1 as a fraction and rounds the count down, possibly to 0. So the count is
 * computed here and passed as a fraction that rounds down to it. Nodes of at most `minNumSamples` rows are not split; a leaf
 * may keep fewer rows.
 */
export function toOptions(
  { trees, featureFraction, seed, maxDepth, minLeafRows }: GrowthParams,
  features: number,
): MlForestOptions {
  const drawn = toDrawnFeatures(featureFraction, features);
  return {
    nEstimators: trees,
    maxFeatures: drawn === features ? features : (drawn + 0.5) / features,
    replacement: false,
    seed,
    useSampleBagging: true,
    // Out-of-bag results throw "input must not be empty" as soon as a row is in every tree's bag.
    noOOB: true,
    treeOptions: { minNumSamples: minLeafRows, ...(maxDepth !== undefined && { maxDepth }) },
  };
}

/** How many features a tree draws. */
export function toDrawnFeatures(featureFraction: number, features: number): number {
  return Math.max(1, Math.round(featureFraction * features));
}

/** The inverse of {@link toOptions}: the package's JSON does not store the number of features. */
export function toFeatures(drawn: number, maxFeatures: number): number {
  return maxFeatures >= 1 ? drawn : Math.round((drawn + 0.5) / maxFeatures);
}

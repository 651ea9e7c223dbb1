import type { ForestParams } from '../run/pipeline-input.ts';

/** Rows × trees of one activity: about half a minute on two cores with 15 features. */
export const SHARD_ROW_TREES = 50_000_000;
const MAX_CHOSEN_SHARDS = 20;

/** Consecutive trees of a forest. */
export interface TreeRange {
  readonly first: number;
  readonly count: number;
}

/**
 * Divides training into activities: as many as `shards`, else one per {@link SHARD_ROW_TREES}. The model is the same
 * either way. Sizes differ by at most one tree. `ml-random-forest` cannot be divided.
 */
export function planShards({ engine, trees, shards }: ForestParams, rows: number): readonly TreeRange[] {
  if (engine === 'ml-random-forest') return [{ first: 0, count: trees }];
  const chosen = Math.min(MAX_CHOSEN_SHARDS, trees, Math.ceil((rows * trees) / SHARD_ROW_TREES));
  const count = shards ?? Math.max(1, chosen);
  return Array.from({ length: count }, (_, i) => {
    const first = Math.floor((i * trees) / count);
    return { first, count: Math.floor(((i + 1) * trees) / count) - first };
  });
}

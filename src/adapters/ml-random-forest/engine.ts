import type { ForestEngine, TreeRange } from '../../activities/training/forest-engine.ts';
import { createForestPredictor } from '../../forest/forest-predictor.ts';
import type { ThreadPool } from '../../forest/threads/thread-pool.ts';
import { assembleMlForest } from './assemble.ts';
import { growInThreads } from './grow.ts';
import { fromMlRandomForestJson } from './json.ts';
import { parseModelJson } from './mismatch.ts';
import { toDrawnFeatures, toOptions } from './options.ts';
import { encodePart } from './part.ts';
import { requireHonourable, requireTrainable } from './requirements.ts';

/**
 * The npm package `ml-random-forest`: its trees, its JSON, its predictions, byte for byte. Trees grow in threads of
 * their own; predictions come from our kernel.
 *
 * @param pool    scores
 * @param threads that a call of `growTrees` starts at most
 */
export function createMlRandomForest(pool: ThreadPool, threads: number): ForestEngine {
  return {
    name: 'ml-random-forest',
    async growTrees({ columns, targets }, params, range, progress) {
      requireTrainable({ columns, targets });
      requireHonourable(params, range);
      const options = toOptions(params, columns.length);
      const drawn = toDrawnFeatures(params.featureFraction, columns.length);
      const jobs = divide(range, threads).map((trees) => ({ columns, targets, options, drawn, trees }));
      return encodePart({ firstTree: range.first, trees: await growInThreads(jobs, progress) });
    },
    assemble: assembleMlForest,
    load: (bytes, where) =>
      createForestPredictor(pool, fromMlRandomForestJson(parseModelJson(bytes, where), where)),
  };
}

/** Consecutive ranges, as equal as can be, none empty. */
function divide({ first, count }: TreeRange, threads: number): TreeRange[] {
  const ranges = Math.min(threads, count);
  const start = (i: number) => first + Math.floor((i * count) / ranges);
  return Array.from({ length: ranges }, (_, i) => ({ first: start(i), count: start(i + 1) - start(i) }));
}

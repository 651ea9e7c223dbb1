import type { ForestEngine } from '../activities/training/forest-engine.ts';
import { ModelMismatch } from '../domain/errors.ts';
import { assembleForest } from './assemble-forest.ts';
import { decodeForest } from './forest-file.ts';
import { createForestPredictor } from './forest-predictor.ts';
import { growTrees } from './grow-trees.ts';
import { requireRoom } from './require-room.ts';
import type { ThreadPool } from './threads/thread-pool.ts';

/**
 * Random forest regression as scikit-learn defines it: a bootstrap sample per tree, splits by variance reduction, feature
 * subsampling per split. Nodes of at most 4,096 distinct rows try every boundary. Larger ones find the best of at most
 * 255 bins per feature, and then the best boundary in and between the two bins at that place. The kernel is
 * AssemblyScript (`assembly/`). Training and scoring have a thread pool each, so that a long training does not delay a
 * stream.
 *
 * @param memoryBytes what a process may have for a training and everything else
 */
export function createHistogramEngine(
  training: ThreadPool,
  scoring: ThreadPool = training,
  memoryBytes = Infinity,
): Required<ForestEngine> {
  return {
    name: 'histogram',
    requireRoom(size, params) {
      requireRoom(size, params, { memoryBytes, threads: training.size });
    },
    async train(set, params, progress) {
      const trees = await growTrees(training, set, params, { first: 0, count: params.trees }, progress);
      return assembleForest(training, [trees], set, params);
    },
    growTrees: (set, params, trees, progress) => growTrees(training, set, params, trees, progress),
    assemble: (parts, set, params) => assembleForest(training, parts, set, params),
    load(bytes, where) {
      const forest = decodeForest(where, bytes);
      if (forest.firstTree !== 0 || forest.trees === 0) {
        const got = `${forest.trees} trees from ${forest.firstTree} on`;
        throw new ModelMismatch({ what: 'not a whole forest', where, expected: 'trees from 0 on', got });
      }
      return createForestPredictor(scoring, forest);
    },
  };
}

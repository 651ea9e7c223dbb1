import fc from 'fast-check';
import { expect } from 'vitest';
import { createMlRandomForest } from '../../../../src/adapters/ml-random-forest/engine.ts';
import type {
  ForestEngine,
  GrownForest,
  TrainingSet,
} from '../../../../src/activities/training/forest-engine.ts';
import { createTrainForest } from '../../../../src/activities/training/train-forest.ts';
import { createArrowTables } from '../../../../src/adapters/arrow/tables.ts';
import { nodeDigests } from '../../../../src/adapters/digests.ts';
import { learningCheckpoints } from '../../../../src/domain/model/learning-curve.ts';
import type { ForestParams } from '../../../../src/domain/run/pipeline-input.ts';
import { createHistogramEngine } from '../../../../src/forest/histogram-engine.ts';
import type { ThreadPool } from '../../../../src/forest/threads/thread-pool.ts';
import { runActivity } from '../../../support/unit/activity.ts';
import { test } from '../../../support/unit/forest-pool.ts';
import { ratingSet } from '../../../support/unit/forest-table.ts';
import { forestParams, growForest } from '../../../support/unit/forest.ts';
import { createMemoryArtifacts } from '../../../support/unit/memory-artifacts.ts';
import { numbersBelow, ratingTableOf, storeRatingTable } from '../../../support/unit/rating-table.ts';

const SET = ratingSet(150, ['continuous', 'few', 'binary']);

function engineOf(name: ForestParams['engine'], pool: ThreadPool): ForestEngine {
  return name === 'histogram' ? createHistogramEngine(pool) : createMlRandomForest(pool);
}

async function grow(engine: ForestEngine, trees: number): Promise<GrownForest> {
  const params = forestParams({ engine: engine.name, trees });
  const { signal } = new AbortController();
  return engine.train(SET, params, { signal });
}

/** As for a whole forest: over the rows that have an out-of-bag prediction. */
function outOfBagRmse({ targets }: TrainingSet, { outOfBagPredictions }: GrownForest): number {
  const errors = Array.from(targets)
    .map((target, row) => target - (outOfBagPredictions[row] as number))
    .filter((error) => !Number.isNaN(error));
  return Math.sqrt(errors.reduce((sum, error) => sum + error ** 2, 0) / errors.length);
}

test('checkpoints grow from one tree to all, and are few however large the forest', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100_000 }), (trees) => {
      const checkpoints = learningCheckpoints(trees);

      expect(checkpoints[0]).toBe(1);
      expect(checkpoints.at(-1)).toBe(trees);
      expect(checkpoints.length).toBeLessThanOrEqual(21);
      expect(checkpoints).toEqual([...new Set(checkpoints)].sort((a, b) => a - b));
    }),
  );
});

test.for(['histogram', 'ml-random-forest'] as const)(
  'each learning-curve point is the out-of-bag error of its trees: %s',
  async (name, { pool }) => {
    const engine = engineOf(name, pool);
    const { learning } = await grow(engine, 12);

    expect(learning.map(({ trees }) => trees)).toEqual(learningCheckpoints(12).slice(0, -1));
    for (const { trees, rmse } of learning) {
      expect(rmse).toBeCloseTo(outOfBagRmse(SET, await grow(engine, trees)), 10);
    }
  },
);

test('the learning curve is the same, to the bit, whatever the number of threads', async ({ pool }) => {
  const one = await growForest({ ...pool, size: 1 }, SET, { trees: 30 });

  for (const size of [2, 3, 8]) {
    const more = await growForest({ ...pool, size }, SET, { trees: 30 });
    expect(more.learning).toEqual(one.learning);
  }
});

test.for(['histogram', 'ml-random-forest'] as const)(
  'a learning curve ends with the model’s out-of-bag score: %s',
  async (name, { pool }) => {
    const artifacts = createMemoryArtifacts();
    const tables = createArrowTables(artifacts);
    const table = await storeRatingTable(tables, 'run', 'train', ratingTableOf(numbersBelow(40)));
    const train = createTrainForest({
      artifacts,
      tables,
      digests: nodeDigests,
      engines: [engineOf(name, pool)],
    });
    const forest = forestParams({ engine: name, trees: 9 });
    const { learning, outOfBag } = await runActivity(train, { run: 'run', table, forest });

    const trees = learning.map((point) => point.trees);
    expect(learning.at(-1)).toEqual({ trees: 9, rmse: outOfBag?.rmse });
    expect(trees).toEqual([...new Set(trees)].sort((a, b) => a - b));
  },
);

import { expect, onTestFinished, test } from 'vitest';
import { createGrowTrees } from '../../../../src/activities/training/grow-trees.ts';
import type { ForestEngine, TrainingSet } from '../../../../src/activities/training/forest-engine.ts';
import { createTrainForest } from '../../../../src/activities/training/train-forest.ts';
import { createArrowTables } from '../../../../src/adapters/arrow/tables.ts';
import { nodeDigests } from '../../../../src/adapters/digests.ts';
import { DatasetError, InvalidInput } from '../../../../src/domain/errors.ts';
import { decodeModel } from '../../../../src/domain/model/model.ts';
import { parsePipelineInput, type ForestParams } from '../../../../src/domain/run/pipeline-input.ts';
import { createHistogramEngine } from '../../../../src/forest/histogram-engine.ts';
import { createThreadPool } from '../../../../src/forest/threads/thread-pool.ts';
import { runActivity } from '../../../support/unit/activity.ts';
import { createMemoryArtifacts } from '../../../support/unit/memory-artifacts.ts';
import {
  numbersBelow,
  ratingTableOf,
  storeRatingTable,
  type RatingTable,
} from '../../../support/unit/rating-table.ts';

/** More rows than a batch of a table has. */
const FILMS = numbersBelow(20_000);

function params(change: Partial<ForestParams>): ForestParams {
  return { ...parsePipelineInput({}).forest, trees: 2, ...change };
}

/** @returns the model, and the rows that the engine was given */
async function train(table: RatingTable, forest: ForestParams) {
  const pool = createThreadPool(1);
  onTestFinished(() => pool.close());
  const artifacts = createMemoryArtifacts();
  const tables = createArrowTables(artifacts);
  const engine = createHistogramEngine(pool);
  let given: TrainingSet | undefined;
  const watched: ForestEngine = {
    ...engine,
    train(set, ...rest) {
      given = set;
      return engine.train(set, ...rest);
    },
  };
  const ref = await storeRatingTable(tables, 'run', 'train', table);
  const activity = createTrainForest({ artifacts, tables, digests: nodeDigests, engines: [watched] });
  const model = await runActivity(activity, { run: 'run', table: ref, forest });
  const { header } = decodeModel('model', await artifacts.read(model.artifact));
  return { model, header, given };
}

test('a sample has the same rows, whatever their order in the file', async () => {
  const forest = params({ maxRows: 5_000 });
  const forwards = await train(ratingTableOf(FILMS), forest);
  const backwards = await train(ratingTableOf(FILMS.toReversed()), forest);

  const [budgets, durations] = forwards.given?.columns ?? [];
  expect(budgets).toHaveLength(5_000);
  expect(backwards.given?.columns[0]?.toSorted()).toEqual(budgets?.toSorted());
  // The columns of a row stay together.
  expect(durations).toEqual(budgets?.map((budget) => 60 + ((budget / 1.5) % 90)));
});

test('another seed samples other rows', async () => {
  const one = await train(ratingTableOf(FILMS), params({ maxRows: 5_000 }));
  const other = await train(ratingTableOf(FILMS), params({ maxRows: 5_000, seed: 1 }));

  expect(other.given?.columns[0]).not.toEqual(one.given?.columns[0]);
});

test('a model says of how many rows the sample was', async () => {
  const { model, header } = await train(ratingTableOf(FILMS), params({ maxRows: 300 }));

  expect(model.trainingRows).toBe(300);
  expect(header).toMatchObject({ trainingRows: 300, params: { maxRows: 300 } });
});

test('a sample without a row is refused', async () => {
  const table = ratingTableOf(numbersBelow(10));
  const same = { ...table, keys: table.keys.map(() => 'one') };

  await expect(train(same, params({ maxRows: 5 }))).rejects.toThrow(DatasetError);
});

test('a training without room for its rows is refused before they are read', async () => {
  const pool = createThreadPool(1);
  onTestFinished(() => pool.close());
  const artifacts = createMemoryArtifacts();
  const tables = createArrowTables(artifacts);
  const table = await storeRatingTable(tables, 'run', 'train', ratingTableOf(FILMS));
  const read = (): never => {
    throw new Error('the rows were read');
  };
  const engines = [createHistogramEngine(pool, pool, 310e6)];
  const deps = { artifacts, digests: nodeDigests, engines, tables: { ...tables, read } };
  const input = { run: 'run', table, forest: params({ trees: 1_000 }) };

  await expect(runActivity(createTrainForest(deps), input)).rejects.toThrow(InvalidInput);
  const shard = { ...input, trees: { first: 0, count: 500 } };
  await expect(runActivity(createGrowTrees(deps), shard)).rejects.toThrow('Set forest.maxDepth ');
});

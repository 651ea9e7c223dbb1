import { MockActivityEnvironment } from '@temporalio/testing';
import { expect, onTestFinished, test } from 'vitest';
import { createAssembleForest } from '../../../../src/activities/training/assemble-forest.ts';
import type { ForestEngine } from '../../../../src/activities/training/forest-engine.ts';
import { createGrowTrees } from '../../../../src/activities/training/grow-trees.ts';
import { createTrainForest } from '../../../../src/activities/training/train-forest.ts';
import { createArrowTables } from '../../../../src/adapters/arrow/tables.ts';
import { nodeDigests } from '../../../../src/adapters/digests.ts';
import { InvalidInput } from '../../../../src/domain/errors.ts';
import { planShards } from '../../../../src/domain/model/forest-shards.ts';
import { decodeModel } from '../../../../src/domain/model/model.ts';
import { parsePipelineInput, type ForestParams } from '../../../../src/domain/run/pipeline-input.ts';
import { createHistogramEngine } from '../../../../src/forest/histogram-engine.ts';
import { createThreadPool } from '../../../../src/forest/threads/thread-pool.ts';
import { runActivity } from '../../../support/unit/activity.ts';
import { createMemoryArtifacts } from '../../../support/unit/memory-artifacts.ts';
import {
  loadRatingRows,
  numbersBelow,
  ratingTableOf,
  storeRatingTable,
} from '../../../support/unit/rating-table.ts';

async function storeTable(rows: number) {
  const pool = createThreadPool(1);
  onTestFinished(() => pool.close());
  const artifacts = createMemoryArtifacts();
  const tables = createArrowTables(artifacts);
  const table = await storeRatingTable(tables, 'run', 'train', ratingTableOf(numbersBelow(rows)));
  return { deps: { artifacts, tables, digests: nodeDigests, engines: [createHistogramEngine(pool)] }, table };
}

function params(change: Partial<ForestParams>): ForestParams {
  return { ...parsePipelineInput({}).forest, ...change };
}

test('a model says how it was trained, and its version is derived from its bytes', async () => {
  const { deps, table } = await storeTable(40);
  const forest = params({ trees: 12 });
  const {
    outOfBag,
    importances,
    learning: _learning,
    ...model
  } = await runActivity(createTrainForest(deps), {
    run: 'run',
    table,
    forest,
  });
  const { header, estimator } = decodeModel(model.artifact.uri, await deps.artifacts.read(model.artifact));
  const { columns, targets } = await loadRatingRows(deps.tables, table);
  const predicted = await deps.engines[0]?.load(estimator, 'model').predict(columns);

  expect(model).toMatchObject({ features: ['budget', 'duration'], target: 'imdb_score', trainingRows: 40 });
  expect(model.artifact.sha256.startsWith(model.version)).toBe(true);
  expect(header).toEqual({
    schema: 1,
    engine: 'histogram',
    params: forest,
    features: model.features,
    target: 'imdb_score',
    trainingRows: 40,
    datasetSha256: table.sha256,
    outOfBag,
    importances: expect.any(Array) as unknown,
  });
  expect(outOfBag?.r2).toBeGreaterThan(0.9);
  expect(importances.reduce((sum, { importance }) => sum + importance, 0)).toBeCloseTo(1, 9);
  targets.forEach((target, row) => {
    expect(Math.abs((predicted?.[row] as number) - target)).toBeLessThan(1);
  });
});

test('heartbeats carry how many trees are done', async () => {
  const { deps, table } = await storeTable(20);
  const [engine] = deps.engines;
  if (!engine) throw new Error('there is no engine');
  const environment = new MockActivityEnvironment();
  const heartbeats: unknown[] = [];
  const threeTreesDone = new Promise<void>((resolve) => {
    environment.on('heartbeat', (details: { readonly treesDone?: number } | undefined) => {
      heartbeats.push(details);
      if (details?.treesDone === 3) resolve();
    });
  });
  const slow: ForestEngine = {
    ...engine,
    async train(set, forest, progress) {
      progress.onTrees?.(3);
      await threeTreesDone;
      return engine.train(set, forest, progress);
    },
  };
  const input = { run: 'run', table, forest: params({ trees: 4 }) };
  await environment.run(createTrainForest({ ...deps, engines: [slow] }), input);

  expect(heartbeats).toContainEqual({ treesDone: 3, trees: 4 });
});

test('shards that are grown by activities of their own assemble to the same artifact', async () => {
  const { deps, table } = await storeTable(60);
  const input = { run: 'run', table, forest: params({ trees: 7 }) };
  const whole = await runActivity(createTrainForest(deps), input);

  const sharded = { ...input, forest: { ...input.forest, shards: 3 } };
  const shards = planShards(sharded.forest, 60);
  const parts = await Promise.all(
    shards.map((trees) => runActivity(createGrowTrees(deps), { ...sharded, trees })),
  );
  const assembled = await runActivity(createAssembleForest(deps), { ...sharded, parts });

  expect(parts.map(({ rows }) => rows)).toEqual([2, 2, 3]);
  expect(assembled).toEqual(whole);
});

test('parts in another order, or with a part missing, are not joined', async () => {
  const { deps, table } = await storeTable(20);
  const forest = params({ trees: 4, shards: 2 });
  const [first, second] = await Promise.all(
    planShards(forest, 20).map((trees) =>
      runActivity(createGrowTrees(deps), { run: 'run', table, forest, trees }),
    ),
  );
  const assemble = createAssembleForest(deps);
  if (!first || !second) throw new Error('expected two shards');

  for (const [parts, message] of [
    [[second, first], 'expected trees from 0 on'],
    [[first], 'trees are missing: expected 4, got 2'],
  ] as const) {
    await expect(runActivity(assemble, { run: 'run', table, forest, parts })).rejects.toThrow(message);
  }
});

test('an engine that cannot train in parts refuses a shard', async () => {
  const { deps, table } = await storeTable(20);
  const { growTrees: _, ...whole } = deps.engines[0] as ForestEngine;
  const grow = createGrowTrees({ ...deps, engines: [whole] });
  const input = { run: 'run', table, forest: params({}), trees: { first: 0, count: 1 } };

  await expect(runActivity(grow, input)).rejects.toThrow(
    new InvalidInput({ what: 'the forest engine histogram cannot train in shards' }),
  );
});

test('a model of rows that are all in every bag has no out-of-bag score', async () => {
  const { deps, table } = await storeTable(1);
  const { outOfBag } = await runActivity(createTrainForest(deps), { run: 'run', table, forest: params({}) });

  expect(outOfBag).toBeNull();
});

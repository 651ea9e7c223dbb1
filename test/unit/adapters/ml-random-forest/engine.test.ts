import { RandomForestRegression } from 'ml-random-forest';
import { afterAll, expect, test } from 'vitest';
import type { Predictor, TrainingSet } from '../../../../src/activities/training/forest-engine.ts';
import { toDrawnFeatures, toOptions } from '../../../../src/adapters/ml-random-forest/options.ts';
import { createMlRandomForest } from '../../../../src/adapters/ml-random-forest/engine.ts';
import { DatasetError, ModelMismatch, TrainingError } from '../../../../src/domain/errors.ts';
import { parsePipelineInput, type ForestParams } from '../../../../src/domain/run/pipeline-input.ts';
import { createThreadPool } from '../../../../src/forest/threads/thread-pool.ts';
import { rowsOf, toSet } from '../../../support/unit/forest.ts';
import { numbersBelow } from '../../../support/unit/rating-table.ts';

const pool = createThreadPool(1);
afterAll(() => pool.close());
const engine = createMlRandomForest(pool);
const never = new AbortController().signal;
const CANCELLED = { what: 'the training was cancelled', where: 'ml-random-forest' };

function params(change: Partial<ForestParams> = {}): ForestParams {
  return { ...parsePipelineInput({}).forest, engine: 'ml-random-forest', trees: 5, ...change };
}

/** The rating depends on the first column; the others are repeated noise. */
function trainingSet(features: number, rows = 40): TrainingSet {
  return toSet(
    numbersBelow(features).map((f) =>
      numbersBelow(rows).map((row) => (f === 0 ? row : (row * (f + 7)) % 11)),
    ),
    numbersBelow(rows).map((row) => row / 4),
  );
}

/** The package itself, in this thread. */
function trainHere(set: TrainingSet, change: Partial<ForestParams>): RandomForestRegression {
  const forest = new RandomForestRegression(toOptions(params(change), set.columns.length));
  forest.train(rowsOf(set), [...set.targets]);
  return forest;
}

function load(forest: RandomForestRegression): Predictor {
  return engine.load(new TextEncoder().encode(JSON.stringify(forest)), 'model');
}

test.for<Partial<ForestParams>>([
  {},
  { featureFraction: 0.5, seed: 0 },
  { featureFraction: 0.3, seed: 2 ** 31 - 1 },
  { maxDepth: 2, minLeafRows: 4 },
])('the model is what the package writes, byte for byte: %j', async (change) => {
  const set = trainingSet(4);
  const { bytes } = await engine.train(set, params(change), { signal: never });

  expect(new TextDecoder().decode(bytes)).toBe(JSON.stringify(trainHere(set, change)));
});

// 49 × (1 / 49) is less than 1.
test.for([...numbersBelow(15).map((i) => i + 1), 49])(
  'a forest has the requested trees and features per tree, of %d features',
  (features) => {
    for (const featureFraction of [0.02, 0.3, 0.5, 0.99, 1]) {
      const { indexes = [], n } = trainHere(trainingSet(features, 12), { featureFraction, trees: 2 });
      const expected = Math.max(1, Math.round(features * featureFraction));

      expect(indexes.map((drawn) => new Set(drawn).size)).toEqual([expected, expected]);
      expect(n).toBe(toDrawnFeatures(featureFraction, features));
    }
  },
);

test('progress counts every tree once', async () => {
  const done: number[] = [];
  const onTrees = (trees: number) => done.push(trees);
  await engine.train(trainingSet(2), params({ trees: 4 }), { signal: never, onTrees });

  expect(done).toEqual([1, 2, 3, 4]);
});

test('an abort stops a training that would take minutes', async () => {
  const controller = new AbortController();
  const { signal } = controller;
  const onTrees = (): void => {
    controller.abort();
  };
  const training = engine.train(trainingSet(3, 300), params({ trees: 10_000 }), { signal, onTrees });

  await expect(training).rejects.toThrow(new TrainingError(CANCELLED));
});

test('a training that is aborted before it starts does not start', async () => {
  const training = engine.train(trainingSet(2), params(), { signal: AbortSignal.abort() });

  await expect(training).rejects.toThrow(new TrainingError(CANCELLED));
});

test('an error of the package is a TrainingError with the reason', async () => {
  const training = engine.train(trainingSet(1), params({ seed: 0.5 }), { signal: never });

  await expect(training).rejects.toThrow(TrainingError);
  await expect(training).rejects.toThrow('training failed [ml-random-forest]: got Expected seed');
});

test.for<[what: string, named: string, set: TrainingSet]>([
  ['no rows', 'no rows', toSet([[]], [])],
  ['no features', 'no features', toSet([], [1])],
  ['a short column', 'feature 1', toSet([[1, 2], [1]], [1, 2])],
  ['NaN', 'feature 1, row 0', toSet([[1], [NaN]], [1])],
  ['an infinite target', 'the target, row 1', toSet([[1, 2]], [1, -Infinity])],
  ['features whose sum is infinite', 'feature 0, row 1', toSet([[1, 1e308]], [1, 2])],
  ['targets whose squares are infinite', 'the target, row 0', toSet([[1, 2]], [5e153, 2])],
])('%s is a DatasetError that says where: %s', async ([, named, set]) => {
  const growing = engine.train(set, params(), { signal: never });

  await expect(growing).rejects.toThrow(DatasetError);
  await expect(growing).rejects.toThrow(named);
});

test('a loaded model predicts what the package does, bit for bit, alone or together', async () => {
  const set = trainingSet(3);
  for (const change of [{}, { featureFraction: 0.3 }, { maxDepth: 2 }]) {
    const forest = trainHere(set, change);
    const predictor = load(forest);
    // Every value that a split can compare with, and values in between.
    const rows = numbersBelow(200).map((i) => [i / 5 - 1, (i % 23) / 2, (i % 29) / 2]);
    const expected = forest.predict(rows);
    const columns = [0, 1, 2].map((f) => Float64Array.from(rows, (row) => row[f] as number));

    expect([...(await predictor.predict(columns))]).toEqual(expected);
    for (const [i, row] of rows.entries()) {
      expect([...(await predictor.predict(row.map((value) => Float64Array.of(value))))]).toEqual([
        expected[i],
      ]);
    }
  }
});

test('a model predicts its training rows far better than their mean', async () => {
  const set = trainingSet(1);
  const predictor = load(trainHere(set, { trees: 10 }));
  const predicted = await predictor.predict(set.columns);

  const mean = set.targets.reduce((sum, value) => sum + value, 0) / set.targets.length;
  const squares = (guess: (row: number) => number) =>
    set.targets.reduce((sum, value, row) => sum + (value - guess(row)) ** 2, 0);
  expect(squares((row) => predicted[row] as number)).toBeLessThan(squares(() => mean) / 10);
});

test('a model refuses rows with another number of features', async () => {
  const forest = trainHere(trainingSet(9), { trees: 1, featureFraction: 0.2 });
  const predictor = load(forest);

  expect(await predictor.predict(numbersBelow(9).map(() => Float64Array.of(1)))).toHaveLength(1);
  await expect(predictor.predict(numbersBelow(8).map(() => Float64Array.of(1)))).rejects.toThrow(
    ModelMismatch,
  );
});

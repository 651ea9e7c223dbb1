import { RandomForestRegression } from 'ml-random-forest';
import { expect, test } from 'vitest';
import type { TrainingSet } from '../../src/activities/forest-engine.ts';
import { createTrainForest } from '../../src/activities/train-forest.ts';
import { writeJson } from '../../src/activities/artifact-store.ts';
import { mlRandomForest, toOptions } from '../../src/adapters/ml-random-forest.ts';
import { ModelMismatch, TrainingError } from '../../src/domain/errors.ts';
import { decodeModel } from '../../src/domain/model.ts';
import { parsePipelineInput, type ForestParams } from '../../src/domain/pipeline-input.ts';
import { runActivity } from '../support/unit-activity.ts';
import { createMemoryArtifacts } from '../support/unit-memory-artifacts.ts';
import { numbersBelow, ratingTableOf } from '../support/unit-rating-table.ts';

interface ForestJson {
  readonly baseModel: {
    readonly indexes: readonly (readonly number[])[];
    readonly estimators: readonly unknown[];
  };
}

function params(change: Partial<ForestParams> = {}): ForestParams {
  return { ...parsePipelineInput({}).forest, trees: 3, ...change };
}

/** The rating follows from the first column; the others are noise that repeats. */
function trainingSet(features: number, rows = 40): TrainingSet {
  return {
    columns: numbersBelow(features).map((f) =>
      numbersBelow(rows).map((row) => (f === 0 ? row : (row * (f + 7)) % 11)),
    ),
    targets: numbersBelow(rows).map((row) => row / 4),
  };
}

async function train(set: TrainingSet, change: Partial<ForestParams> = {}): Promise<Uint8Array> {
  return mlRandomForest.train(set, params(change), new AbortController().signal);
}

/** In this thread: starting one takes longer than growing a forest on a few rows. */
function trainHere({ columns, targets }: TrainingSet, change: Partial<ForestParams>): ForestJson {
  const forest = new RandomForestRegression(toOptions(params(change), columns.length));
  forest.train(
    targets.map((_, row) => columns.map((column) => column[row] as number)),
    [...targets],
  );
  return JSON.parse(JSON.stringify(forest)) as ForestJson;
}

test('the same rows, parameters and seed give the same bytes, and another seed gives others', async () => {
  const [first, again, other] = await Promise.all([
    train(trainingSet(2)),
    train(trainingSet(2)),
    train(trainingSet(2), { seed: 43 }),
  ]);

  expect(again).toEqual(first);
  expect(other).not.toEqual(first);
});

test('a loaded model predicts one rating a row, and has learned what the rows say', async () => {
  const set = trainingSet(1);
  const predictor = mlRandomForest.load(await train(set, { trees: 10 }));
  const predicted = predictor.predict(
    set.targets.map((_, row) => set.columns.map((column) => column[row] as number)),
  );

  const mean = set.targets.reduce((sum, value) => sum + value, 0) / set.targets.length;
  const squares = (guess: (row: number) => number) =>
    set.targets.reduce((sum, value, row) => sum + (value - guess(row)) ** 2, 0);
  expect(predicted).toHaveLength(set.targets.length);
  expect(squares((row) => predicted[row] as number)).toBeLessThan(squares(() => mean) / 10);
});

// 49 × (1 / 49) is less than 1.
test.for([...numbersBelow(15).map((i) => i + 1), 49])(
  'a forest has the trees, and each tree the features, that were asked for, of %d features',
  (features) => {
    for (const featureFraction of [0.02, 0.3, 0.5, 0.99, 1]) {
      const { baseModel } = trainHere(trainingSet(features, 12), { featureFraction, trees: 2 });
      const expected = Math.max(1, Math.round(features * featureFraction));

      expect(baseModel.estimators).toHaveLength(2);
      expect(baseModel.indexes.map((drawn) => new Set(drawn).size)).toEqual([expected, expected]);
    }
  },
);

test('a forest can be grown when a row is in every bag', () => {
  expect(trainHere({ columns: [[1, 2]], targets: [1, 2] }, { trees: 1 }).baseModel.estimators).toHaveLength(
    1,
  );
});

test('an abort stops a training that would take minutes', async () => {
  const controller = new AbortController();
  const training = mlRandomForest.train(trainingSet(15, 3_000), params({ trees: 10_000 }), controller.signal);
  setTimeout(() => {
    controller.abort();
  }, 50);

  await expect(training).rejects.toThrow(TrainingError);
});

test('a training that is aborted before it starts does not start', async () => {
  const training = mlRandomForest.train(
    trainingSet(15, 3_000),
    params({ trees: 10_000 }),
    AbortSignal.abort(),
  );

  await expect(training).rejects.toThrow(TrainingError);
});

test('an error in the training thread is a TrainingError with the reason', async () => {
  await expect(train({ columns: [[]], targets: [] })).rejects.toThrow(TrainingError);
});

test.for(['', 'garbage', 'null', '7', '{}', '{"name":"RFClassifier","baseModel":{}}'])(
  'what is no model of this engine is a ModelMismatch: %j',
  (text) => {
    expect(() => mlRandomForest.load(new TextEncoder().encode(text))).toThrow(ModelMismatch);
  },
);

test('the training activity stores a model that says how it was made, under a version that follows from it', async () => {
  const artifacts = createMemoryArtifacts();
  const table = await writeJson(artifacts, 'run', 'train', 40, ratingTableOf(numbersBelow(40)));
  const activity = createTrainForest({ artifacts, engines: [mlRandomForest] });
  const model = await runActivity(activity, { run: 'run', table, forest: params() });
  const { header, estimator } = decodeModel(model.artifact.uri, await artifacts.read(model.artifact));

  expect(model).toMatchObject({ features: ['budget', 'duration'], target: 'imdb_score', trainingRows: 40 });
  expect(model.artifact.sha256.startsWith(model.version)).toBe(true);
  expect(header).toMatchObject({
    schema: 1,
    params: params(),
    datasetSha256: table.sha256,
    features: model.features,
  });
  expect(mlRandomForest.load(estimator).predict([[1, 2]])).toHaveLength(1);
});

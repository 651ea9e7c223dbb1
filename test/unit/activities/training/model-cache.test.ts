import { expect, test } from 'vitest';
import type { ForestEngine } from '../../../../src/activities/training/forest-engine.ts';
import { createModelCache } from '../../../../src/activities/training/model-cache.ts';
import { ModelMismatch } from '../../../../src/domain/errors.ts';
import { encodeModel, type ForestModel } from '../../../../src/domain/model/model.ts';
import { parsePipelineInput } from '../../../../src/domain/run/pipeline-input.ts';
import { createMemoryArtifacts } from '../../../support/unit/memory-artifacts.ts';

const FEATURES = ['budget'];
const { forest: PARAMS } = parsePipelineInput({});

/** An engine whose model is one number, its prediction for every row. */
const constantEngine: ForestEngine = {
  name: 'histogram',
  requireRoom: () => undefined,
  train: async () => ({
    bytes: new Uint8Array(),
    outOfBagPredictions: new Float64Array(),
    importances: [],
    learning: [],
  }),
  load: ([constant = 0]) => ({ predict: async ([rows = []]) => Float64Array.from(rows, () => constant) }),
};

async function storeModel(
  store: ReturnType<typeof createMemoryArtifacts>,
  constant: number,
): Promise<ForestModel> {
  const about = { engine: PARAMS.engine, features: FEATURES, target: 'imdb_score', trainingRows: 1 };
  const bytes = encodeModel(
    { schema: 1, ...about, params: PARAMS, datasetSha256: '', outOfBag: null, importances: [1] },
    new Uint8Array([constant]),
  );
  const artifact = await store.write({ run: 'run', name: 'model', extension: '.model', bytes, rows: 1 });
  return { version: artifact.sha256.slice(0, 12), artifact, ...about };
}

test('a model is read once, also when several micro-batches ask at the same time', async () => {
  const artifacts = createMemoryArtifacts();
  const load = createModelCache(artifacts, [constantEngine]);
  const model = await storeModel(artifacts, 7);

  const predictors = await Promise.all([load(model), load(model), load(model)]);
  predictors.push(await load(model));

  expect(artifacts.reads).toEqual([model.artifact.uri]);
  const predictions = await Promise.all(
    predictors.map(({ predictor }) => predictor.predict([Float64Array.of(1)])),
  );
  expect(predictions.map((rows) => Array.from(rows))).toEqual([[7], [7], [7], [7]]);
});

test('champion and challenger stay loaded; the least recently used model is evicted', async () => {
  const artifacts = createMemoryArtifacts();
  const load = createModelCache(artifacts, [constantEngine]);
  const [champion, challenger, newest] = await Promise.all([
    storeModel(artifacts, 1),
    storeModel(artifacts, 2),
    storeModel(artifacts, 3),
  ]);

  for (const model of [champion, challenger, champion, challenger, champion, newest, champion, newest]) {
    await load(model);
  }
  expect(artifacts.reads).toEqual([champion, challenger, newest].map(({ artifact }) => artifact.uri));

  const { predictor } = await load(challenger);
  expect(artifacts.reads).toHaveLength(4);
  expect(Array.from(await predictor.predict([Float64Array.of(1)]))).toEqual([2]);
});

test('more models than are kept can load at the same time', async () => {
  const artifacts = createMemoryArtifacts();
  const load = createModelCache(artifacts, [constantEngine]);
  const models = await Promise.all([1, 2, 3, 4].map((constant) => storeModel(artifacts, constant)));

  const loaded = await Promise.all(models.map((model) => load(model)));
  const predictions = await Promise.all(
    loaded.map(({ predictor }) => predictor.predict([Float64Array.of(1)])),
  );
  expect(predictions.map((rows) => Array.from(rows))).toEqual([[1], [2], [3], [4]]);
});

test('a failed read is forgotten, so that the retry reads again', async () => {
  const artifacts = createMemoryArtifacts();
  const model = await storeModel(createMemoryArtifacts(), 7);
  const load = createModelCache(artifacts, [constantEngine]);

  await expect(load(model)).rejects.toThrow('no artifact');
  await storeModel(artifacts, 7);

  const { predictor } = await load(model);
  expect(Array.from(await predictor.predict([Float64Array.of(1)]))).toEqual([7]);
});

test('a model of an engine that this worker lacks is a ModelMismatch that names both', async () => {
  const artifacts = createMemoryArtifacts();
  const model = await storeModel(artifacts, 7);
  const other = { ...constantEngine, name: 'other' as 'ml-random-forest' };
  const failure = createModelCache(artifacts, [other])(model);

  await expect(failure).rejects.toThrow(ModelMismatch);
  await expect(failure).rejects.toThrow('expected one of other, got histogram');
});

test('features and target are taken from the model file, not from the reference', async () => {
  const artifacts = createMemoryArtifacts();
  const load = createModelCache(artifacts, [constantEngine]);
  const wrongReference: ForestModel = {
    ...(await storeModel(artifacts, 7)),
    features: ['gross'],
    target: 'x',
  };

  expect(await load(wrongReference)).toMatchObject({ features: FEATURES, target: 'imdb_score' });
});

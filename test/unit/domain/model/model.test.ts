import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ModelMismatch } from '../../../../src/domain/errors.ts';
import {
  decodeModel,
  encodeModel,
  requireFeatures,
  type ForestModel,
  type ModelHeader,
} from '../../../../src/domain/model/model.ts';
import { parsePipelineInput } from '../../../../src/domain/run/pipeline-input.ts';

const HEADER: ModelHeader = {
  schema: 1,
  engine: 'ml-random-forest',
  params: parsePipelineInput({}).forest,
  features: ['budget', 'line\nbreak'],
  target: 'imdb_score',
  trainingRows: 100,
  datasetSha256: 'ab',
  outOfBag: null,
  importances: [0.25, 0.75],
};
const MODEL: ForestModel = {
  version: '0123456789ab',
  artifact: { uri: 'runs/a/model.model', sha256: '01', bytes: 1, rows: 10 },
  engine: 'ml-random-forest',
  features: ['budget', 'duration', 'gross'],
  target: 'imdb_score',
  trainingRows: 100,
};

test('header and estimator are decoded as they were encoded, whatever the bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (estimator) => {
      expect(decodeModel('model', encodeModel(HEADER, estimator))).toEqual({ header: HEADER, estimator });
    }),
  );
});

test('a file cut off anywhere in its header is a ModelMismatch that names the file', () => {
  const bytes = encodeModel(HEADER, new Uint8Array());
  for (let length = 0; length < bytes.length; length += 1) {
    const decode = () => decodeModel('runs/a/model', bytes.subarray(0, length));

    expect(decode).toThrow(ModelMismatch);
    expect(decode).toThrow('not a model file [runs/a/model]: expected a JSON header line');
  }
});

test.for<[string, string]>([
  ['{"schema":2}\n', 'unknown model format [m]: expected schema 1, got 2'],
  ['{}\n', 'expected schema 1, got undefined'],
  ['null\n', 'expected schema 1, got undefined'],
  ['7\n', 'expected schema 1, got undefined'],
  ['PK\u0003\u0004\n', 'not a model file [m]'],
])('a file with the header %j is a ModelMismatch', ([header, message]) => {
  const decode = () => decodeModel('m', new TextEncoder().encode(header));

  expect(decode).toThrow(ModelMismatch);
  expect(decode).toThrow(message);
});

test('rows with the features of the training, in its order, may be scored', () => {
  expect(() => {
    requireFeatures(MODEL, ['budget', 'duration', 'gross']);
  }).not.toThrow();
});

test.for<[string, string[]]>([
  ['another order', ['duration', 'budget', 'gross']],
  ['a missing feature', ['budget', 'duration']],
  ['an extra feature', ['budget', 'duration', 'gross', 'title_year']],
  ['another feature', ['budget', 'duration', 'title_year']],
])('%s is a ModelMismatch that names both lists and the model', ([, features]) => {
  const check = () => {
    requireFeatures(MODEL, features);
  };

  expect(check).toThrow(ModelMismatch);
  expect(check).toThrow(
    `model 0123456789ab cannot score these rows [runs/a/model.model]: ` +
      `expected features budget, duration, gross, got ${features.join(', ')}.`,
  );
});

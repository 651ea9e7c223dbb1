import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ModelMismatch } from '../../../../src/domain/errors.ts';
import { decodeModel, encodeModel, type ModelHeader } from '../../../../src/domain/model/model.ts';
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

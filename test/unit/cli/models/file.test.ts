import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseModelFile } from '../../../../src/cli/models/file.ts';
import { ArtifactCorrupt, ModelMismatch, PipelineError } from '../../../../src/domain/errors.ts';
import { encodeModel } from '../../../../src/domain/model/model.ts';
import { toMlRandomForestJson } from '../../../../src/adapters/ml-random-forest/json.ts';
import { sha256Of } from '../../../support/unit/forest.ts';
import { modelBytes, modelHeader } from '../../../support/unit/model-file.ts';

const BYTES = modelBytes();
const VERSION = sha256Of(BYTES).slice(0, 12);

function failureOf(bytes: Uint8Array, where = 'a.model'): unknown {
  try {
    parseModelFile(where, bytes);
    return undefined;
  } catch (error) {
    return error;
  }
}

test('a model of ml-random-forest is read into the same trees', () => {
  const { forest } = parseModelFile('a.model', BYTES);
  const json = new TextEncoder().encode(JSON.stringify(toMlRandomForestJson(forest)));

  const model = parseModelFile('b.model', encodeModel(modelHeader({ engine: 'ml-random-forest' }), json));

  expect(model.forest).toMatchObject({ trees: 2, nodeCount: 6, features: 2 });
  expect(model.estimator).toEqual(json);
});

test('a file cut off anywhere is refused in one line that names it', () => {
  for (let length = 0; length < BYTES.length; length += 1) {
    const failure = failureOf(BYTES.subarray(0, length));

    expect(failure).toBeInstanceOf(PipelineError);
    expect((failure as Error).message).toMatch(/^[^\n]*\[a\.model\][^\n]*$/);
  }
});

test('a changed byte in the trees is an ArtifactCorrupt or a ModelMismatch', () => {
  const first = BYTES.indexOf(0x0a) + 1;
  fc.assert(
    fc.property(
      fc.integer({ min: first, max: BYTES.length - 1 }),
      fc.integer({ min: 1, max: 255 }),
      (at, flip) => {
        const failure = failureOf(BYTES.with(at, (BYTES[at] as number) ^ flip));

        expect(failure instanceof ArtifactCorrupt || failure instanceof ModelMismatch).toBe(true);
      },
    ),
  );
});

test('a file with the name that training gave it may not have changed anywhere', () => {
  const named = `runs/nightly/1/model-${VERSION}.model`;
  const at = new TextDecoder().decode(BYTES).indexOf('1234');
  const changed = BYTES.with(at, '9'.charCodeAt(0));

  expect(failureOf(BYTES, named)).toBeUndefined();
  expect(failureOf(changed, named)).toBeInstanceOf(ArtifactCorrupt);
  expect(failureOf(changed, named)).toHaveProperty(
    'message',
    expect.stringContaining(
      `the model has changed since it was written [${named}]: expected sha256 ${VERSION}…`,
    ),
  );
});

test.for<[string, Record<string, unknown>, string]>([
  ['an engine of another version', { engine: 'gradient' }, 'engine: '],
  ['no parameters', { params: undefined }, 'params: '],
  ['features of another type', { features: 'budget' }, 'features: '],
  ['an extra importance', { importances: [0.5, 0.25, 0.25] }, 'importances: expected one for each feature'],
])('a header with %s is a ModelMismatch that names the field', ([, change, message]) => {
  const failure = failureOf(modelBytes(change));

  expect(failure).toBeInstanceOf(ModelMismatch);
  expect((failure as Error).message).toContain(`the model’s header cannot be read [a.model]: got ${message}`);
});

test('a header with other features than the trees is a ModelMismatch', () => {
  const failure = failureOf(modelBytes({ features: ['budget'], importances: [1] }));

  expect(failure).toBeInstanceOf(ModelMismatch);
  expect((failure as Error).message).toContain('expected 1 features, got 2');
});

test('an estimator of the other engine is a ModelMismatch that names the file', () => {
  const failure = failureOf(modelBytes({ engine: 'ml-random-forest' }));

  expect(failure).toBeInstanceOf(ModelMismatch);
  expect((failure as Error).message).toContain('[a.model]');
});

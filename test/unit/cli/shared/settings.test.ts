import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readRunInput } from '../../../../src/cli/runs/start.ts';
import { collectSetting, type FieldSchema, valueOf } from '../../../../src/cli/shared/settings.ts';
import { InvalidInput } from '../../../../src/domain/errors.ts';
import { pipelineInputJsonSchema } from '../../../../src/domain/run/pipeline-input.ts';
import { continuousInputJsonSchema } from '../../../../src/domain/stream/stream-input.ts';

const RUN = pipelineInputJsonSchema() as FieldSchema;
const STREAM = continuousInputJsonSchema() as FieldSchema;

function read(text: string, schema = RUN): unknown {
  const [setting] = collectSetting(text, []);
  return setting && valueOf(setting, schema);
}

describe('--set', () => {
  test.for<[string, unknown]>([
    ['dataset.target=2022', '2022'],
    ['dataset.target=true', 'true'],
    ['dataset.target=null', 'null'],
    ['dataset.target=007', '007'],
    ['dataset.target=1e3', '1e3'],
    ['dataset.target="2022"', '2022'],
    ['dataset.target=a=b', 'a=b'],
    ['dataset.key=1', '1'],
    ['topic=1', '1'],
  ])('%s gives a text for a field that takes texts', ([text, value]) => {
    expect(read(text)).toBe(value);
  });

  test.for<[string, unknown]>([
    ['dataset.features=2020,2021', ['2020', '2021']],
    ['dataset.features=budget, title_year', ['budget', 'title_year']],
    ['dataset.features=budget', ['budget']],
    ['dataset.features=["a,b","c"]', ['a,b', 'c']],
    ['dataset.features=numeric', 'numeric'],
  ])('%s gives a list, or the name that the field takes', ([text, value]) => {
    expect(read(text)).toEqual(value);
  });

  test.for<[string, unknown]>([
    ['forest.trees=50', 50],
    ['forest.featureFraction=1', 1],
    ['forest.trees=fifty', 'fifty'],
    ['forest.trees="50"', '50'],
    ['forest={"trees":3}', { trees: 3 }],
    ['no.such=7', 7],
    ['no.such=x', 'x'],
  ])('%s gives what JSON says, for the schema to check', ([text, value]) => {
    expect(read(text)).toEqual(value);
  });

  test.for<[string, unknown]>([
    ['startOver=true', true],
    ['trigger=available-now', 'available-now'],
    ['trigger={"intervalSeconds":1}', { intervalSeconds: 1 }],
    ['trigger.maxRows=5', 5],
    ['start.offsets.0=1200', 1_200],
    ['start.timestamp=2026-11-22T02:00:00Z', '2026-11-22T02:00:00Z'],
    ['model=imdb-score@champion', 'imdb-score@champion'],
    ['model.version=123456789012', '123456789012'],
  ])('%s finds its field among the alternatives of a stream’s input', ([text, value]) => {
    expect(read(text, STREAM)).toEqual(value);
  });

  test('takes a column of any name', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ minLength: 1 }), async (name) => {
        const isQuoted = /^\s*"/.test(name);
        const text = `dataset.target=${isQuoted ? JSON.stringify(name) : name}`;
        const { dataset } = await readRunInput({ set: collectSetting(text, []) });

        expect(dataset?.target).toBe(name);
      }),
    );
  });

  test.for([
    ['forest.trees=fifty', 'forest.trees: Invalid input: expected number, received string (got "fifty")'],
    [
      'dataset.features=[2020]',
      'dataset.features: expected "numeric" or a list of column names (got [2020])',
    ],
    ['dataset.target=', 'dataset.target: Too small'],
    ['dataset.targt=x', 'unknown field "targt"'],
  ])('%s is refused before anything is connected', async ([text, message]) => {
    const given = readRunInput({ set: collectSetting(text as string, []) });

    await expect(given).rejects.toThrow(InvalidInput);
    await expect(given).rejects.toThrow(message);
  });
});

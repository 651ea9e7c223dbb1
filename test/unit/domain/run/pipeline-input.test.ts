import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import { InvalidInput } from '../../../../src/domain/errors.ts';
import { deadLettersTopic, MAX_TOPIC_LENGTH, predictionsTopic } from '../../../../src/domain/names.ts';
import { parsePipelineInput, pipelineInputJsonSchema } from '../../../../src/domain/run/pipeline-input.ts';

/** What Kafka's own `Topic.validate` allows. */
const KAFKA_MAX_TOPIC_LENGTH = 249;

test('an absent input, as from an empty form in the UI, is the default run', () => {
  const run = parsePipelineInput({});

  expect(parsePipelineInput(undefined)).toEqual(run);
  expect(parsePipelineInput(null)).toEqual(run);
  expect(run).toMatchObject({
    dataset: { target: 'imdb_score', features: 'numeric' },
    split: { train: 0.8, batch: 0.1, stream: 0.1 },
    topic: 'a1',
    forest: { engine: 'histogram', trees: 100, minLeafRows: 1, featureFraction: 1 },
    stream: { onBadRecord: 'dead-letter' },
  });
});

test('given fields override the defaults, and the others keep them', () => {
  const defaults = parsePipelineInput({});
  const dataset = { path: 'films.csv', features: ['budget', 'duration'], key: 'id' };

  expect(
    parsePipelineInput({ dataset, topic: 'films', forest: { trees: 7, maxDepth: 3 }, split: { seed: 1 } }),
  ).toEqual({
    ...defaults,
    dataset: { ...defaults.dataset, ...dataset },
    topic: 'films',
    forest: { ...defaults.forest, trees: 7, maxDepth: 3 },
    split: { ...defaults.split, seed: 1 },
  });
});

test('the defaults, written out, are an input too', () => {
  const run = parsePipelineInput({});

  expect(parsePipelineInput(JSON.parse(JSON.stringify(run)))).toEqual(run);
});

test.for([
  { train: 0.7, batch: 0.2, stream: 0.1 },
  { train: 1 / 3, batch: 1 / 3, stream: 1 / 3 },
])('fractions that differ from 1 by rounding are accepted: %j', (split) => {
  expect(parsePipelineInput({ split }).split).toMatchObject(split);
});

test.for<[input: unknown, message: string]>([
  ['a1', 'input: Invalid input: expected object, received string (got "a1")'],
  [[], 'input: Invalid input: expected object, received array (got [])'],
  [
    { trees: 5 },
    'input: unknown field "trees", expected some of dataset, quality, split, topic, forest, stream',
  ],
  [{ dataset: 'movies.csv' }, 'dataset: Invalid input: expected object, received string (got "movies.csv")'],
  [{ dataset: { file: 'x' } }, 'dataset: unknown field "file", expected some of path, target, features, key'],
  [{ dataset: { path: '' } }, 'dataset.path: Too small: expected string to have >=1 characters (got "")'],
  [{ dataset: { path: 5 } }, 'dataset.path: Invalid input: expected string, received number (got 5)'],
  [{ dataset: { target: null } }, 'dataset.target: Invalid input: expected string, received null (got null)'],
  [
    { dataset: { features: 'all' } },
    'dataset.features: expected "numeric" or a list of column names (got "all")',
  ],
  [
    { dataset: { features: [1] } },
    'dataset.features: expected "numeric" or a list of column names (got [1])',
  ],
  [{ dataset: { features: [] } }, 'dataset.features: Too small: expected array to have >=1 items (got [])'],
  [{ dataset: { features: ['a', 'a'] } }, 'dataset.features: a feature is named twice (got ["a","a"])'],
  [
    { dataset: { target: 'a', features: ['a', 'b'] } },
    'dataset.features: the target cannot be one of the features (got ["a","b"])',
  ],
  [{ split: { test: 0.1 } }, 'split: unknown field "test", expected some of train, batch, stream, seed'],
  [{ split: { train: 0.9 } }, 'split: train + batch + stream add up to 1.1, expected 1 (got {"train":0.9})'],
  [{ split: { train: 0, batch: 0.9 } }, 'split.train: Too small: expected number to be >0 (got 0)'],
  [{ split: { train: 1, batch: -0.1 } }, 'split.train: Too big: expected number to be <1 (got 1)'],
  [{ split: { train: '0.8' } }, 'split.train: Invalid input: expected number, received string (got "0.8")'],
  [{ split: { seed: 1.5 } }, 'split.seed: Invalid input: expected int, received number (got 1.5)'],
  [{ topic: '.' }, 'topic: Kafka refuses the topic names "." and ".." (got ".")'],
  [{ topic: '..' }, 'topic: Kafka refuses the topic names "." and ".." (got "..")'],
  [{ topic: 'a 1' }, 'topic: Kafka allows letters, digits, ".", "_" and "-" in a topic name (got "a 1")'],
  [{ topic: 'ä1' }, 'topic: Kafka allows letters'],
  [{ topic: '' }, 'topic: Kafka allows letters'],
  [
    { topic: 'a'.repeat(MAX_TOPIC_LENGTH + 1) },
    `topic: Too big: expected string to have <=${MAX_TOPIC_LENGTH}`,
  ],
  [{ forest: { treees: 5 } }, 'forest: unknown field "treees", expected some of engine, trees, maxDepth'],
  [{ forest: { trees: 0 } }, 'forest.trees: Too small: expected number to be >=1 (got 0)'],
  [{ forest: { trees: -5 } }, 'forest.trees: Too small: expected number to be >=1 (got -5)'],
  [{ forest: { trees: '10' } }, 'forest.trees: Invalid input: expected number, received string (got "10")'],
  [{ forest: { engine: 'spark' } }, '(got "spark")'],
  [{ forest: { featureFraction: 0 } }, 'forest.featureFraction: Too small: expected number to be >0 (got 0)'],
  [
    { forest: { featureFraction: 1.5 } },
    'forest.featureFraction: Too big: expected number to be <=1 (got 1.5)',
  ],
  [
    { forest: { seed: 2 ** 31 } },
    'forest.seed: Too big: expected number to be <=2147483647 (got 2147483648)',
  ],
  [{ stream: { batchRows: 5 } }, 'stream: unknown field "batchRows", expected some of microBatchRows'],
  [{ stream: { microBatchRows: 0 } }, 'stream.microBatchRows: Too small: expected number to be >=1 (got 0)'],
  [
    { stream: { onBadRecord: 'skip' } },
    'stream.onBadRecord: Invalid option: expected one of "dead-letter"|"fail" (got "skip")',
  ],
])('bad input is an InvalidInput that says what is wrong: %j', ([input, message]) => {
  expect(() => parsePipelineInput(input)).toThrow(InvalidInput);
  expect(() => parsePipelineInput(input)).toThrow(message);
});

test('all wrong fields are named at once', () => {
  expect(() => parsePipelineInput({ topic: 5, forest: { trees: 0 }, extra: 1 })).toThrow(
    /topic: .*; forest\.trees: .*; input: unknown field "extra"/,
  );
});

test.for([
  { topic: 'a'.repeat(100_000) },
  { ['k'.repeat(100_000)]: 1 },
  { dataset: { features: Array.from({ length: 10_000 }, () => '') } },
  { dataset: { path: { deep: 'x'.repeat(100_000) } } },
])('whatever was pasted into the form, the message stays short', (input) => {
  expect(() => parsePipelineInput(input)).toThrow(/^.{0,1500}$/);
});

test('the longest accepted topic leaves room for the topics derived from it', () => {
  const { topic } = parsePipelineInput({ topic: 'a'.repeat(MAX_TOPIC_LENGTH) });

  expect(deadLettersTopic(topic)).toHaveLength(KAFKA_MAX_TOPIC_LENGTH);
  expect(predictionsTopic(topic).length).toBeLessThanOrEqual(KAFKA_MAX_TOPIC_LENGTH);
});

test('the JSON Schema accepts what the parser accepts and refuses unknown fields', () => {
  // JSON Schema's formats are annotations, which ajv must be told.
  const validate = new Ajv2020({ formats: { 'date-time': true } }).compile(
    pipelineInputJsonSchema() as object,
  );

  expect(validate({})).toBe(true);
  expect(validate(parsePipelineInput({}))).toBe(true);
  expect(validate({ dataset: { features: ['budget'] } })).toBe(true);
  expect(validate({ tree: 5 })).toBe(false);
  expect(validate({ forest: { treees: 5 } })).toBe(false);
  expect(validate({ forest: { trees: 0 } })).toBe(false);
});

test('every field of the JSON Schema shows its default, except those that have none', () => {
  interface Section {
    readonly default?: unknown;
    readonly properties?: Readonly<Record<string, Section>>;
  }
  const schema = pipelineInputJsonSchema() as Section;
  const fields = Object.entries(schema.properties ?? {}).flatMap(([name, { properties, ...field }]) =>
    properties
      ? Object.entries(properties).map(([sub, of]) => [`${name}.${sub}`, of] as const)
      : [[name, field] as const],
  );

  expect(fields.filter(([, field]) => field.default === undefined).map(([name]) => name)).toEqual([
    'dataset.key',
    'dataset.delimiter',
    'dataset.encoding',
    'dataset.decimal',
    'dataset.comment',
    'dataset.asOf',
    'quality.maxMissing',
    'forest.maxDepth',
    'forest.maxRows',
    'forest.shards',
  ]);
});

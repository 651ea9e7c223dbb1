import fc from 'fast-check';
import { expect } from 'vitest';
import type { TrainingSet } from '../../../src/activities/training/forest-engine.ts';
import type { ForestParams } from '../../../src/domain/run/pipeline-input.ts';
import { test } from '../../support/unit/forest-pool.ts';
import { ratingSet, type ColumnKind } from '../../support/unit/forest-table.ts';
import { growNaively, growTrees, toSet } from '../../support/unit/forest.ts';
import { numbersBelow } from '../../support/unit/rating-table.ts';

const EXTREMES = [
  0,
  -0,
  5e-324,
  -5e-324,
  1.5e-323,
  1e-310,
  1e300,
  -1e300,
  Number.MAX_VALUE,
  -Number.MAX_VALUE,
];

const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
const allowed = fc.double({ min: -1e300, max: 1e300, noNaN: true });
/** Numbers that need all bits of a double as whole units, so that scores are rounded. */
const sevenths = fc.integer({ min: 0, max: 2 ** 31 }).map((n) => n / 7);

/** A table with many ties, constants, copies and extremes. */
const trainingSet = fc.integer({ min: 1, max: 60 }).chain((rows): fc.Arbitrary<TrainingSet> => {
  const column = (value: fc.Arbitrary<number>): fc.Arbitrary<number[]> =>
    fc.array(value, { minLength: rows, maxLength: rows });
  const feature = fc.oneof(
    { weight: 4, arbitrary: column(fc.integer({ min: -1, max: 2 })) },
    { weight: 3, arbitrary: column(fc.integer({ min: 0, max: 40 }).map((tenths) => tenths / 10)) },
    { weight: 2, arbitrary: column(fc.constantFrom(...EXTREMES)) },
    { weight: 2, arbitrary: column(finite) },
    { weight: 2, arbitrary: column(sevenths) },
    { weight: 1, arbitrary: finite.chain((value) => column(fc.constant(value))) },
  );
  const features = fc
    .tuple(fc.array(feature, { minLength: 1, maxLength: 5 }), fc.constantFrom('as is', 'copied', 'mirrored'))
    .map(([columns, more]) => {
      const copies = more === 'as is' ? [] : columns.map((c) => c.map((x) => (more === 'copied' ? x : -x)));
      return [...columns, ...copies];
    });
  const targets = fc.oneof(
    { weight: 4, arbitrary: column(fc.integer({ min: 10, max: 93 }).map((tenths) => tenths / 10)) },
    { weight: 3, arbitrary: column(fc.integer({ min: -2, max: 2 })) },
    { weight: 2, arbitrary: column(allowed) },
    { weight: 2, arbitrary: column(sevenths) },
    { weight: 2, arbitrary: column(fc.constantFrom(...EXTREMES.slice(0, 8))) },
    { weight: 1, arbitrary: allowed.chain((value) => column(fc.constant(value))) },
  );
  return fc.tuple(features, targets).map((set) => toSet(...set));
});

const params = fc.record(
  {
    seed: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
    maxDepth: fc.integer({ min: 1, max: 6 }),
    minLeafRows: fc.integer({ min: 1, max: 8 }),
    featureFraction: fc.double({ min: 0.05, max: 1, noNaN: true }),
  },
  { requiredKeys: ['seed'] },
);

test('trees are those of a textbook, bit for bit, for all values and parameters', async ({ pool }) => {
  await fc.assert(
    fc.asyncProperty(trainingSet, params, async (set, change) => {
      expect(await growTrees(pool, set, change)).toEqual(growNaively(set, change));
    }),
    { numRuns: 500 },
  );
});

test('scores that only differ by rounding order features and values as in a textbook', async ({ pool }) => {
  const tables = fc.integer({ min: 10, max: 60 }).chain((rows) => {
    const column = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: rows, maxLength: rows });
    const columns = fc
      .array(column, { minLength: 1, maxLength: 3 })
      .map((some) => some.flatMap((values) => [values, values.map((value) => -value)]));
    const targets = fc.array(sevenths, { minLength: rows, maxLength: rows });
    return fc.tuple(columns, targets).map((set) => toSet(...set));
  });
  await fc.assert(
    fc.asyncProperty(tables, params, async (set, change) => {
      expect(await growTrees(pool, set, change)).toEqual(growNaively(set, change));
    }),
    { numRuns: 200 },
  );
});

test.for<[why: string, rows: number, kinds: readonly ColumnKind[], change: Partial<ForestParams>]>([
  ['thousands of rows', 3000, ['continuous', 'tied', 'few', 'skewed'], { trees: 2 }],
  ['a bag of fewer than 4,096 distinct rows of more', 6300, ['continuous', 'binary', 'skewed'], { trees: 2 }],
  ['hundreds of features', 60, numbersBelow(601).map((i) => (i % 2 ? 'few' : 'continuous')), { trees: 2 }],
  [
    'some of hundreds',
    60,
    numbersBelow(601).map((i) => (i % 3 ? 'few' : 'binary')),
    { featureFraction: 0.9 },
  ],
])('trees are those of a textbook: %s', async ([, rows, kinds, change], { pool }) => {
  const set = ratingSet(rows, kinds);

  expect(await growTrees(pool, set, change)).toEqual(growNaively(set, change));
});

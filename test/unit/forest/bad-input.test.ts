import { expect } from 'vitest';
import type { TrainingSet } from '../../../src/activities/training/forest-engine.ts';
import { DatasetError } from '../../../src/domain/errors.ts';
import { createHistogramEngine } from '../../../src/forest/histogram-engine.ts';
import { naiveTreeSize } from '../../support/unit/naive-forest.ts';
import { test } from '../../support/unit/forest-pool.ts';
import { ratingSet, type ColumnKind } from '../../support/unit/forest-table.ts';
import {
  growForest,
  growNaively,
  growRange,
  growTrees,
  forestParams,
  toSet,
  toTrees,
} from '../../support/unit/forest.ts';
import { numbersBelow } from '../../support/unit/rating-table.ts';

const NO_NUMBERS = [NaN, Infinity, -Infinity];

test('features that are all constant give leaves of the mean of the bag', async ({ pool }) => {
  const constants = [
    [1, 1, 1, 1],
    [0, -0, 0, -0],
  ];
  const set = toSet(constants, [1, 2, 3, 4]);
  const trees = await growTrees(pool, set, { trees: 5 });

  expect(trees).toEqual(growNaively(set, { trees: 5 }));
  expect(trees.map(naiveTreeSize)).toEqual([1, 1, 1, 1, 1]);
});

test.for([6.4, 0, -3, 1 / 3, 1e300, -1e300, 5e-324, 0.1234567, Number.MAX_SAFE_INTEGER])(
  'a target that is always %d is predicted exactly',
  async (target, { pool }) => {
    const set = toSet(
      [numbersBelow(50)],
      numbersBelow(50).map(() => target),
    );
    const { bytes, outOfBagPredictions } = await growForest(pool, set, { trees: 9 });

    expect(toTrees(bytes)).toEqual(numbersBelow(9).map(() => ({ value: target })));
    const means = await createHistogramEngine(pool)
      .load(bytes, 'the test')
      .predict([Float64Array.of(7, 99)]);
    const naiveMean = numbersBelow(9).reduce((sum) => sum + target, 0) / 9;
    expect([...means]).toEqual([naiveMean, naiveMean]);
    expect(outOfBagPredictions).toHaveLength(50);
  },
);

test('one row gives one leaf and no out-of-bag prediction', async ({ pool }) => {
  const forest = await growForest(pool, toSet([[3], [4]], [7.5]));

  expect(toTrees(forest.bytes)).toEqual([{ value: 7.5 }, { value: 7.5 }, { value: 7.5 }]);
  expect(forest.outOfBagPredictions).toEqual(Float64Array.of(NaN));
  expect(forest.importances).toEqual([0, 0]);
});

test.for<[why: string, rows: number, features: number]>([
  ['one feature', 80, 1],
  ['more features than rows', 5, 40],
  ['10,000 features of a few rows', 12, 10_000],
])('trees are those of a textbook: %s', async ([, rows, features], { pool }) => {
  const kinds = Array.from({ length: features }, (_, i): ColumnKind => (i % 2 ? 'few' : 'binary'));
  const set = ratingSet(rows, kinds);

  expect(await growTrees(pool, set)).toEqual(growNaively(set));
});

test('a depth of 1 gives one split', async ({ pool }) => {
  const trees = await growTrees(pool, ratingSet(100, ['continuous', 'few']), { maxDepth: 1 });

  expect(trees.map(naiveTreeSize)).toEqual([3, 3, 3]);
});

test.for([2 ** 31 - 1, 2 ** 31, 2 ** 32, 2 ** 32 + 1, Number.MAX_SAFE_INTEGER])(
  'a depth of %d does not limit the trees',
  async (maxDepth, { pool }) => {
    const set = ratingSet(100, ['continuous', 'few']);

    expect(await growTrees(pool, set, { maxDepth })).toEqual(await growTrees(pool, set));
  },
);

test('leaves of more rows than there are give one leaf', async ({ pool }) => {
  const set = ratingSet(20, ['continuous']);
  for (const minLeafRows of [11, 20, 2 ** 32 + 1, Number.MAX_SAFE_INTEGER]) {
    expect((await growTrees(pool, set, { minLeafRows })).map(naiveTreeSize)).toEqual([1, 1, 1]);
  }
});

/** The message with which a set is refused. */
async function refusal(pool: Parameters<typeof growRange>[0], set: TrainingSet): Promise<string> {
  const error: unknown = await growRange(pool, set, forestParams()).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(DatasetError);
  return (error as DatasetError).message;
}

test.for(NO_NUMBERS)('%d in a feature is refused with its row and feature', async (value, { pool }) => {
  const columns = [
    [1, 2, 3],
    [4, 5, value],
  ];
  const message = await refusal(pool, toSet(columns, [1, 2, 3]));

  expect(message).toContain('feature 1, row 2');
  expect(message).toContain(`got ${value}`);
});

test.for(NO_NUMBERS)('%d in the target is refused with its row', async (value, { pool }) => {
  const message = await refusal(pool, toSet([[1, 2, 3]], [1, value, 3]));

  expect(message).toContain('the target, row 1');
  expect(message).toContain(`got ${value}`);
});

test.for<[why: string, set: TrainingSet, says: string]>([
  ['a column is shorter', toSet([[1, 2], [1]], [1, 2]), 'feature 1 has another length'],
  [
    'a column is longer',
    toSet(
      [
        [1, 2, 3],
        [1, 2],
      ],
      [1, 2],
    ),
    'feature 0 has another length',
  ],
  ['there are no rows', toSet([[]], []), 'no rows'],
  ['there are no features', toSet([], [1, 2]), 'number of features'],
  ['there are too many features', toSet(Array<number[]>(65_536).fill([1]), [1]), '1 to 65535'],
  [
    'a target is so large that sums would be infinite',
    toSet([[1, 2]], [0, -1.7e308]),
    'the target, row 1: expected a number of at most ±1e+300, got -1.7e+308',
  ],
])('a set is refused when %s', async ([, set, says], { pool }) => {
  expect(await refusal(pool, set)).toContain(says);
});

test('the largest number of features is accepted', async ({ pool }) => {
  const set = toSet(Array<number[]>(65_535).fill([1, 2, 3]), [1, 2, 3]);

  expect(await growTrees(pool, set, { trees: 1 })).toEqual(
    growNaively({ ...set, columns: set.columns.slice(0, 1) }, { trees: 1 }),
  );
});

test('a set that does not fit into 4 GiB is refused', async ({ pool }) => {
  const column = new Float64Array(2_500).fill(1);
  const message = await refusal(pool, { columns: Array<Float64Array>(65_535).fill(column), targets: column });

  expect(message).toContain('4 GiB');
  expect(message).toContain('2500 rows × 65535 features');
});

test('targets as far apart as allowed are learned, and their sums stay finite', async ({ pool }) => {
  const targets = numbersBelow(40).map((i) => (i % 3 ? 1e300 : -1e300));
  const set = toSet([numbersBelow(40)], targets);
  const { bytes } = await growForest(pool, set, { trees: 10_000 });
  const predicted = await createHistogramEngine(pool).load(bytes, 'the test').predict(set.columns);

  expect(toTrees(bytes).slice(0, 3)).toEqual(growNaively(set));
  for (const value of predicted) expect(Math.abs(value)).toBeLessThan(1.000001e300);
});

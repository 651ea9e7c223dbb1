import { expect } from 'vitest';
import type { ForestParams } from '../../../src/domain/run/pipeline-input.ts';
import { naiveBag, naiveDraws, naiveTreeSize } from '../../support/unit/naive-forest.ts';
import { test } from '../../support/unit/forest-pool.ts';
import { ratingSet, type ColumnKind } from '../../support/unit/forest-table.ts';
import { forestParams, growNaively, growTrees } from '../../support/unit/forest.ts';

const EXACT_ROWS = 4096;
const CONSTANTS: readonly ColumnKind[] = ['constant', 'binary', 'constant', 'few', 'tied'];

function bagSizes(rows: number, change: Partial<ForestParams>): number[] {
  const { seed, trees } = forestParams(change);
  return Array.from(
    { length: trees },
    (_, tree) => naiveBag(rows, naiveDraws(seed, tree)).filter((count) => count > 0).length,
  );
}

test.for<[why: string, rows: number, kinds: readonly ColumnKind[], change: Partial<ForestParams>]>([
  ['many values', 7000, ['continuous', 'skewed'], { trees: 1 }],
  ['at most 255 values each', 8000, ['few', 'binary', 'few'], { trees: 2 }],
  ['255 and 256 values', 9000, ['scarce', 'scarcer'], { trees: 2 }],
  ['half the rows tied', 9000, ['tied', 'skewed', 'constant'], { trees: 2 }],
  [
    'some features a split',
    9000,
    ['continuous', 'tied', 'few', 'binary'],
    { trees: 2, featureFraction: 0.5 },
  ],
  ['constants among them', 16_000, CONSTANTS, { trees: 6, featureFraction: 0.4, maxDepth: 3 }],
  ['leaves of many rows', 7500, ['skewed', 'tied', 'few'], { trees: 1, minLeafRows: 300 }],
  ['a depth that ends large nodes', 16_000, ['binary', 'few', 'continuous'], { trees: 1, maxDepth: 2 }],
  [
    'both children of a large node large',
    20_000,
    ['continuous', 'few', 'tied'],
    { trees: 1, minLeafRows: 20 },
  ],
])(
  'large nodes are split between bins as a textbook would: %s',
  async ([, rows, kinds, change], { pool }) => {
    const set = ratingSet(rows, kinds);
    expect(Math.min(...bagSizes(rows, change))).toBeGreaterThan(EXACT_ROWS);

    const trees = await growTrees(pool, set, change);

    expect(trees).toEqual(growNaively(set, change));
    expect(Math.min(...trees.map(naiveTreeSize))).toBeGreaterThan(4);
  },
);

test('a forest may have bags on both sides of 4,096 distinct rows', async ({ pool }) => {
  const set = ratingSet(6480, ['continuous', 'few']);
  const sizes = bagSizes(6480, { trees: 6 });
  expect(Math.min(...sizes)).toBeLessThanOrEqual(EXACT_ROWS);
  expect(Math.max(...sizes)).toBeGreaterThan(EXACT_ROWS);

  expect(await growTrees(pool, set, { trees: 6 })).toEqual(growNaively(set, { trees: 6 }));
});

test('a feature of 255 values is split between any two of them in a large node', async ({ pool }) => {
  const { columns } = ratingSet(9000, ['scarce']);
  const values = columns[0] as Float64Array;
  const bag = naiveBag(values.length, naiveDraws(forestParams().seed, 0));
  const drawn = values.filter((_, row) => (bag[row] as number) > 0);
  for (const last of [0, 1, 2, 100, 101, 102, 252, 253]) {
    const targets = values.map((value) => (value <= last ? 2 : 9));
    const lower = Math.max(...drawn.filter((value) => value <= last));
    const upper = Math.min(...drawn.filter((value) => value > last));
    const [tree] = await growTrees(pool, { columns, targets }, { trees: 1 });

    expect(tree).toEqual({
      feature: 0,
      threshold: (lower + upper) / 2,
      left: { value: 2 },
      right: { value: 9 },
    });
  }
});

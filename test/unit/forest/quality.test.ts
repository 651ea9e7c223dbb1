import { expect } from 'vitest';
import type { TrainingSet } from '../../../src/activities/training/forest-engine.ts';
import type { ForestParams } from '../../../src/domain/run/pipeline-input.ts';
import { createHistogramEngine } from '../../../src/forest/histogram-engine.ts';
import { naiveBag, naiveDraws, naivePrediction, type NaiveTree } from '../../support/unit/naive-forest.ts';
import { test } from '../../support/unit/forest-pool.ts';
import { ratingSet } from '../../support/unit/forest-table.ts';
import { forestParams, growForest, rowsOf, toSet, toTrees } from '../../support/unit/forest.ts';
import { numbersBelow } from '../../support/unit/rating-table.ts';

const MIXED = ratingSet(300, ['continuous', 'few', 'binary', 'constant']);
/** Large enough for nodes that are split by bins. */
const MANY_ROWS = ratingSet(7000, ['continuous', 'few', 'tied']);

interface Weighted {
  readonly row: number;
  readonly weight: number;
}

function bagOf({ targets }: TrainingSet, { seed }: ForestParams, tree: number): Weighted[] {
  return naiveBag(targets.length, naiveDraws(seed, tree)).map((weight, row) => ({ row, weight }));
}

function squaredError({ targets }: TrainingSet, samples: readonly Weighted[]): number {
  const weight = samples.reduce((sum, sample) => sum + sample.weight, 0);
  const mean = samples.reduce((sum, { row, weight: w }) => sum + (targets[row] as number) * w, 0) / weight;
  return samples.reduce((sum, { row, weight: w }) => sum + w * ((targets[row] as number) - mean) ** 2, 0);
}

/** How much each feature's splits decrease the squared error, as shares of 1. */
function importancesOf(tree: NaiveTree, set: TrainingSet, bag: readonly Weighted[]): number[] {
  const decreases = set.columns.map(() => 0);
  function visit(node: NaiveTree, samples: readonly Weighted[]): void {
    if ('value' in node) return;
    const { feature, threshold } = node;
    const goesLeft = ({ row }: Weighted): boolean => (set.columns[feature]?.[row] as number) <= threshold;
    const left = samples.filter(goesLeft);
    const right = samples.filter((sample) => !goesLeft(sample));
    const decrease = squaredError(set, samples) - squaredError(set, left) - squaredError(set, right);
    decreases[feature] = (decreases[feature] as number) + decrease;
    visit(node.left, left);
    visit(node.right, right);
  }
  visit(
    tree,
    bag.filter(({ weight }) => weight > 0),
  );
  return toShares(decreases);
}

function toShares(amounts: readonly number[]): number[] {
  const total = amounts.reduce((sum, amount) => sum + amount, 0);
  return amounts.map((amount) => (total === 0 ? 0 : amount / total));
}

function sum(numbers: Iterable<number>): number {
  return Array.from(numbers).reduce((total, number) => total + number, 0);
}

function leavesOf(tree: NaiveTree): number[] {
  return 'value' in tree ? [tree.value] : [...leavesOf(tree.left), ...leavesOf(tree.right)];
}

function rootMeanSquare(errors: Iterable<number>): number {
  const squares = Array.from(errors, (error) => error ** 2);
  return Math.sqrt(sum(squares) / squares.length);
}

test.for<[name: string, set: TrainingSet, change: Partial<ForestParams>]>([
  ['small', MIXED, { trees: 40, featureFraction: 0.5 }],
  ['large', MANY_ROWS, { trees: 4, maxDepth: 9 }],
  ['few trees, so that some rows are in every bag', MIXED, { trees: 2 }],
])(
  'out-of-bag predictions are the means over the trees whose bag lacks the row: %s',
  async (args, { pool }) => {
    const [, set, change] = args;
    const forest = await growForest(pool, set, change);
    const sums = Array<number>(set.targets.length).fill(0);
    const votes = Array<number>(set.targets.length).fill(0);
    const rows = rowsOf(set);
    toTrees(forest.bytes).forEach((tree, index) => {
      for (const { row, weight } of bagOf(set, forestParams(change), index)) {
        if (weight > 0) continue;
        sums[row] = (sums[row] as number) + naivePrediction(tree, rows[row] as number[]);
        votes[row] = (votes[row] as number) + 1;
      }
    });

    expect(forest.outOfBagPredictions).toEqual(
      Float64Array.from(sums, (s, row) => s / (votes[row] as number)),
    );
    expect(votes.includes(0)).toBe(change.trees === 2 || change.trees === 4);
  },
);

test.for<[name: string, set: TrainingSet, change: Partial<ForestParams>]>([
  ['small', MIXED, { trees: 40, featureFraction: 0.5 }],
  ['large', MANY_ROWS, { trees: 2 }],
  ['shallow', MIXED, { trees: 10, maxDepth: 2, minLeafRows: 20 }],
])('importances are the mean decrease in impurity: %s', async ([, set, change], { pool }) => {
  const { bytes, importances } = await growForest(pool, set, change);
  const byTree = toTrees(bytes).map((tree, i) =>
    importancesOf(tree, set, bagOf(set, forestParams(change), i)),
  );
  const expected = toShares(
    set.columns.map((_, feature) => sum(byTree.map((shares) => shares[feature] as number))),
  );

  expect(sum(importances)).toBeCloseTo(1, 12);
  importances.forEach((importance, feature) => {
    expect(importance).toBeCloseTo(expected[feature] as number, 9);
  });
});

test('a constant feature has no importance, the features of the signal have most', async ({ pool }) => {
  const { importances } = await growForest(pool, MIXED, { trees: 30 });

  expect(importances[3]).toBe(0);
  expect((importances[0] as number) + (importances[1] as number)).toBeGreaterThan(0.9);
});

test('a constant target makes all importances 0', async ({ pool }) => {
  const set = { ...MIXED, targets: MIXED.targets.map(() => 6.4) };
  const { importances } = await growForest(pool, set);

  expect(importances).toEqual([0, 0, 0, 0]);
});

test.for([1, 10, 1e3, 1e6])(
  'a leaf of equal targets predicts exactly that target, a multiple of 1 / %d',
  async (scale, { pool }) => {
    const draw = naiveDraws(scale, 0);
    const targets = numbersBelow(300).map(() => (draw(2 ** 20) - 2 ** 19) / scale);
    const { bytes } = await growForest(pool, toSet([numbersBelow(300)], targets));
    for (const tree of toTrees(bytes)) {
      const reached = numbersBelow(300).filter((row) => naivePrediction(tree, [row]) === targets[row]);
      expect(reached.length).toBeGreaterThan(150);
      for (const value of leavesOf(tree)) expect(targets).toContain(value);
    }
  },
);

test('a forest learns a function, and its out-of-bag error says how well', async ({ pool }) => {
  const x = numbersBelow(500).map((i) => i / 100);
  const f = (value: number): number => Math.round(100 * Math.sin(value)) / 100;
  const set = toSet([x], x.map(f));
  const { bytes, outOfBagPredictions } = await growForest(pool, set, { trees: 50 });
  const between = x.map((value) => value + 0.005).slice(0, -1);
  const predicted = await createHistogramEngine(pool)
    .load(bytes, 'the test')
    .predict([Float64Array.from(between)]);

  const error = rootMeanSquare(between.map((value, i) => f(value) - (predicted[i] as number)));
  const outOfBag = rootMeanSquare(set.targets.map((y, row) => y - (outOfBagPredictions[row] as number)));
  expect(rootMeanSquare(set.targets.map((y) => y - sum(set.targets) / 500))).toBeGreaterThan(0.6);
  expect(error).toBeLessThan(0.02);
  expect(outOfBag).toBeLessThan(0.02);
});

test('a forest predicts noise no better than its spread, out of bag', async ({ pool }) => {
  const noise = ratingSet(400, ['few', 'few', 'few'], 9);
  const draw = naiveDraws(5, 5);
  const targets = noise.targets.map(() => draw(100) / 10);
  const mean = sum(targets) / targets.length;
  const { outOfBagPredictions } = await growForest(pool, { ...noise, targets }, { trees: 50 });

  const error = rootMeanSquare(targets.map((y, row) => y - (outOfBagPredictions[row] as number)));
  expect(error).toBeGreaterThan(rootMeanSquare(targets.map((y) => y - mean)));
});

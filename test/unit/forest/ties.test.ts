import fc from 'fast-check';
import { expect } from 'vitest';
import type { TrainingSet } from '../../../src/activities/training/forest-engine.ts';
import { naiveBag, naiveDraws, type NaiveTree } from '../../support/unit/naive-forest.ts';
import { test } from '../../support/unit/forest-pool.ts';
import { growTrees, toSet } from '../../support/unit/forest.ts';
import { numbersBelow } from '../../support/unit/rating-table.ts';

interface Weighted {
  readonly row: number;
  readonly weight: number;
}

interface Candidate {
  readonly feature: number;
  readonly threshold: number;
  /** The decrease of the squared error times the weight of the node, as an exact fraction. */
  readonly gain: readonly [numerator: bigint, denominator: bigint];
}

const seed = fc.integer({ min: 0, max: 2 ** 31 - 1 });

function tables(features: fc.Arbitrary<number>, target: fc.Arbitrary<number>): fc.Arbitrary<TrainingSet> {
  return fc.tuple(fc.integer({ min: 2, max: 30 }), features).chain(([rows, count]) => {
    const array = (value: fc.Arbitrary<number>, length: number) =>
      fc.array(value, { minLength: length, maxLength: length });
    const column = fc.oneof(
      array(fc.integer({ min: 0, max: 3 }), rows),
      array(fc.integer({ min: 0, max: 99 }), rows),
    );
    const columns = fc.array(column, { minLength: count, maxLength: count });
    return fc.tuple(columns, array(target, rows)).map((set) => toSet(...set));
  });
}

const wholeTarget = fc.integer({ min: 0, max: 3 });
/** Numbers that need all bits of a double as whole units, so that scores are rounded. */
const roundedTarget = fc.integer({ min: 0, max: 2 ** 31 }).map((n) => n / 7);
const fewFeatures = fc.integer({ min: 1, max: 5 });

/** All allowed splits of a node, first feature and lowest value first. */
function candidatesOf({ columns, targets }: TrainingSet, samples: readonly Weighted[]): Candidate[] {
  const total = (some: readonly Weighted[]): [sum: bigint, weight: bigint] => [
    some.reduce((sum, { row, weight }) => sum + BigInt((targets[row] as number) * weight), 0n),
    BigInt(some.reduce((sum, { weight }) => sum + weight, 0)),
  ];
  const [sum, weight] = total(samples);
  return columns.flatMap((column, feature) => {
    const values = [...new Set(samples.map(({ row }) => column[row] as number))].sort((a, b) => a - b);
    return values.slice(0, -1).map((lower, i): Candidate => {
      const [leftSum, leftWeight] = total(samples.filter(({ row }) => (column[row] as number) <= lower));
      const deviation = leftSum * weight - sum * leftWeight;
      const gain = [deviation * deviation, leftWeight * (weight - leftWeight)] as const;
      return { feature, threshold: (lower + (values[i + 1] as number)) / 2, gain };
    });
  });
}

/** Calls back for every split of the tree, with the samples of the bag that reach it. */
function visitSplits(
  tree: NaiveTree,
  { columns }: Pick<TrainingSet, 'columns'>,
  samples: readonly Weighted[],
  visit: (split: Omit<Candidate, 'gain'>, samples: readonly Weighted[]) => void,
): void {
  if ('value' in tree) return;
  const { feature, threshold, left, right } = tree;
  visit({ feature, threshold }, samples);
  const goesLeft = ({ row }: Weighted): boolean => (columns[feature]?.[row] as number) <= threshold;
  visitSplits(left, { columns }, samples.filter(goesLeft), visit);
  const others = samples.filter((sample) => !goesLeft(sample));
  visitSplits(right, { columns }, others, visit);
}

test('of splits with equal gain, the first feature and its lowest value are chosen', async ({ pool }) => {
  let ties = 0;
  await fc.assert(
    fc.asyncProperty(tables(fewFeatures, wholeTarget), seed, async (set, number) => {
      const [tree] = await growTrees(pool, set, { trees: 1, seed: number });
      const bag = naiveBag(set.targets.length, naiveDraws(number, 0));
      const samples = bag.map((weight, row) => ({ row, weight })).filter(({ weight }) => weight > 0);
      visitSplits(tree as NaiveTree, set, samples, ({ feature, threshold }, rows) => {
        const candidates = candidatesOf(set, rows);
        const better = (a: Candidate, b: Candidate): boolean => a.gain[0] * b.gain[1] > b.gain[0] * a.gain[1];
        const best = candidates.reduce((first, next) => (better(next, first) ? next : first));
        ties += candidates.filter((other) => !better(best, other)).length > 1 ? 1 : 0;
        expect({ feature, threshold }).toEqual({ feature: best.feature, threshold: best.threshold });
      });
    }),
    { numRuns: 150 },
  );
  expect(ties).toBeGreaterThan(100);
});

test.for([1, 2, 3, 4, 7])(
  'a copy of a feature, or its mirror image, after %d features is never chosen',
  async (count, { pool }) => {
    const set = tables(fc.constant(count), wholeTarget);
    await fc.assert(
      fc.asyncProperty(set, fc.nat(), fc.constantFrom(1, -1), seed, async (before, from, sign, number) => {
        const again = (before.columns[from % count] as Float64Array).map((value) => sign * value);
        const after = { ...before, columns: [...before.columns, again] };

        expect(await growTrees(pool, after, { seed: number })).toEqual(
          await growTrees(pool, before, { seed: number }),
        );
      }),
      { numRuns: 40 },
    );
  },
);

test.for([1, 2, 3, 4, 7])(
  'copies of all %d features and constants change only the feature numbers',
  async (count, { pool }) => {
    const set = tables(fc.constant(count), fc.oneof(wholeTarget, roundedTarget));
    const places = fc.array(fc.nat(count), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(set, places, seed, async (before, at, number) => {
        const constant = before.targets.map(() => 7);
        const spread = before.columns.flatMap((column, feature) => [
          ...at.filter((place) => place === feature).map(() => constant),
          column,
        ]);
        const after = { ...before, columns: [...spread, constant, ...before.columns] };
        const numberOf = (feature: number): number => spread.indexOf(before.columns[feature] as Float64Array);
        const renumbered = (tree: NaiveTree): NaiveTree =>
          'value' in tree
            ? tree
            : {
                feature: numberOf(tree.feature),
                threshold: tree.threshold,
                left: renumbered(tree.left),
                right: renumbered(tree.right),
              };

        const expected = (await growTrees(pool, before, { seed: number })).map(renumbered);
        expect(await growTrees(pool, after, { seed: number })).toEqual(expected);
      }),
      { numRuns: 40 },
    );
  },
);

test('two rows are separated by the first feature that can, whatever the rounding', async ({ pool }) => {
  const rows = [0, 1, 2, 3, 4];
  const targets = [660429083, 868560659, 901929794, 2036132094, 1137453854].map((n) => n / 7);
  const columns = [rows.map(() => 3), rows, rows.map((x) => -x)];
  const set = toSet(columns, targets);
  // With this seed the bag has two rows, one of them three times and the other twice.
  const [tree] = await growTrees(pool, set, { trees: 1, seed: 98 });

  expect(tree).toMatchObject({ feature: 1, threshold: 2.5 });
});

test('splits of 1 and of 5 of 50 rows have the same gain: the first feature wins', async ({ pool }) => {
  const bag = naiveBag(50, naiveDraws(42, 0));
  const once = numbersBelow(50).filter((row) => bag[row] === 1);
  const one = numbersBelow(50).map((row) => (row === once[0] ? 1 : 0));
  const five = numbersBelow(50).map((row) => (once.slice(1, 6).includes(row) ? 1 : 0));
  for (const size of numbersBelow(40)) {
    // Gains of 49 a² / 49 and of 225 a² / 225, and 1 / 49 is not an exact number.
    const targets = numbersBelow(50).map(
      (row) => (size + 1) * (15 * Number(one[row]) + 7 * Number(five[row])),
    );
    for (const columns of [
      [one, five],
      [five, one],
      [one, one, five],
      [five, five, one],
    ]) {
      const [tree] = await growTrees(pool, toSet(columns, targets), { trees: 1, maxDepth: 1 });
      expect(tree).toMatchObject({ feature: 0, threshold: 0.5 });
    }
  }
});

test('equal gains at both ends of a feature: the lower end is split off', async ({ pool }) => {
  // Few bags have every row once, so many are drawn.
  const set = toSet([[0, 1, 2, 3]], [0, 1, 1, 0]);
  const bags = numbersBelow(400).map((tree) => naiveBag(4, naiveDraws(42, tree)));
  const trees = await growTrees(pool, set, { trees: 400 });
  const even = trees.filter((_, tree) => bags[tree]?.every((count) => count === 1));

  expect(even.length).toBeGreaterThan(10);
  for (const tree of even) expect(tree).toMatchObject({ feature: 0, threshold: 0.5 });
});

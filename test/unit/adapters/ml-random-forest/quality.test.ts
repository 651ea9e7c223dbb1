import { RandomForestRegression } from 'ml-random-forest';
import { afterAll, expect, test } from 'vitest';
import type { GrownForest, TrainingSet } from '../../../../src/activities/training/forest-engine.ts';
import { toOptions } from '../../../../src/adapters/ml-random-forest/options.ts';
import { createMlRandomForest } from '../../../../src/adapters/ml-random-forest/engine.ts';
import { parsePipelineInput, type ForestParams } from '../../../../src/domain/run/pipeline-input.ts';
import { createThreadPool } from '../../../../src/forest/threads/thread-pool.ts';
import { rowsOf, toSet } from '../../../support/unit/forest.ts';
import { numbersBelow } from '../../../support/unit/rating-table.ts';

const pool = createThreadPool(1);
afterAll(() => pool.close());
const engine = createMlRandomForest(pool);

function params(change: Partial<ForestParams> = {}): ForestParams {
  return { ...parsePipelineInput({}).forest, engine: 'ml-random-forest', ...change };
}

const SET = toSet(
  [
    numbersBelow(40).map((row) => (row * 7) % 13),
    numbersBelow(40).map((row) => (row * 17) % 40),
    numbersBelow(40).map(() => 3),
    numbersBelow(40).map((row) => Math.sin(row)),
  ],
  numbersBelow(40).map((row) => Math.round(((row * 17) % 40) + 5 * Math.sin(row) + (row % 3)) / 10),
);

/** The package itself, in this thread. */
function grow(set: TrainingSet, forest: ForestParams, noOOB = true): RandomForestRegression {
  const grown = new RandomForestRegression({ ...toOptions(forest, set.columns.length), noOOB });
  grown.train(rowsOf(set), [...set.targets]);
  return grown;
}

interface NodeJson {
  readonly distribution?: number;
  readonly splitColumn: number;
  readonly splitValue: number;
  readonly left: NodeJson;
  readonly right: NodeJson;
}

interface ForestJson {
  readonly baseModel: {
    readonly indexes: readonly (readonly number[])[];
    readonly estimators: readonly { readonly root: NodeJson }[];
  };
}

function toJson(grown: RandomForestRegression): ForestJson {
  return JSON.parse(JSON.stringify(grown)) as ForestJson;
}

async function train(set: TrainingSet, forest: ForestParams): Promise<GrownForest> {
  return engine.train(set, forest, { signal: new AbortController().signal });
}

test.for<Partial<ForestParams>>([
  { trees: 30 },
  { trees: 40, featureFraction: 0.5, minLeafRows: 3, seed: 7 },
])('out-of-bag predictions are those of the package, bit for bit: %j', async (change) => {
  const { outOfBagPredictions } = await train(SET, params(change));

  expect([...outOfBagPredictions]).toEqual(grow(SET, params(change), false).predictOOB());
});

test('only a row that is in every bag has no out-of-bag prediction', async () => {
  const { outOfBagPredictions } = await train(SET, params({ trees: 1 }));
  const alone = await train(toSet([[1]], [1]), params({ trees: 2 }));

  expect(new Set([...outOfBagPredictions].map(Number.isNaN))).toEqual(new Set([true, false]));
  expect([...alone.outOfBagPredictions]).toEqual([NaN]);
});

function squaredError(targets: readonly number[]): number {
  const mean = targets.reduce((sum, target) => sum + target, 0) / targets.length;
  return targets.reduce((sum, target) => sum + (target - mean) ** 2, 0);
}

/** Each feature's share of the decrease in squared error in a tree, as a textbook defines it. */
function decreases(set: TrainingSet, root: NodeJson, features: readonly number[], bag: readonly number[]) {
  const found = set.columns.map(() => 0);
  const error = (rows: readonly number[]) => squaredError(rows.map((row) => set.targets[row] as number));
  const visit = (node: NodeJson, rows: readonly number[]): void => {
    if (node.distribution !== undefined) return;
    const feature = features[node.splitColumn] as number;
    const isLeft = (row: number) => (set.columns[feature]?.[row] as number) < node.splitValue;
    const left = rows.filter(isLeft);
    const right = rows.filter((row) => !isLeft(row));
    found[feature] = (found[feature] as number) + error(rows) - error(left) - error(right);
    visit(node.left, left);
    visit(node.right, right);
  };
  visit(root, bag);
  const total = found.reduce((sum, amount) => sum + amount, 0);
  return found.map((amount) => (total === 0 ? 0 : amount / total));
}

/** The rows that the package drew into each tree's bag. */
function bagsOf(set: TrainingSet, forest: ForestParams): { bags: number[][]; model: RandomForestRegression } {
  const drawn: number[] = [];
  const targets = new Proxy([...set.targets], {
    // It reads a target for every row that it draws into a bag, and at no other time.
    get(array, key): unknown {
      if (typeof key === 'string' && /^\d+$/.test(key)) drawn.push(Number(key));
      return Reflect.get(array, key);
    },
  });
  const model = new RandomForestRegression(toOptions(forest, set.columns.length));
  model.train(rowsOf(set), targets);
  const size = set.targets.length;
  return { model, bags: numbersBelow(forest.trees).map((i) => drawn.slice(i * size, (i + 1) * size)) };
}

test.for<Partial<ForestParams>>([{ trees: 6 }, { trees: 6, featureFraction: 0.5, maxDepth: 3, seed: 3 }])(
  'importances are each feature’s mean share of the decrease in squared error: %j',
  async (change) => {
    const forest = params(change);
    const { importances } = await train(SET, forest);
    const { bags, model } = bagsOf(SET, forest);
    const { baseModel } = toJson(model);
    const byTree = baseModel.estimators.map(({ root }, i) =>
      decreases(SET, root, baseModel.indexes[i] as number[], bags[i] as number[]),
    );
    const sums = SET.columns.map((_, f) => byTree.reduce((sum, tree) => sum + (tree[f] as number), 0));
    const total = sums.reduce((sum, amount) => sum + amount, 0);

    expect(importances).toHaveLength(SET.columns.length);
    importances.forEach((importance, f) => {
      expect(importance).toBeCloseTo((sums[f] as number) / total, 12);
    });
    expect(importances.reduce((sum, importance) => sum + importance, 0)).toBeCloseTo(1, 12);
    expect(importances[2]).toBe(0);
  },
);

test('if no tree has a split, all importances are 0', async () => {
  const { importances } = await train(
    toSet(
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
      [5, 5, 5],
    ),
    params({ trees: 2 }),
  );

  expect(importances).toEqual([0, 0]);
});

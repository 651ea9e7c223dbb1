import { RandomForestRegression } from 'ml-random-forest';
import { afterAll, expect, test } from 'vitest';
import {
  fromMlRandomForestJson,
  toMlRandomForestJson,
} from '../../../../src/adapters/ml-random-forest/json.ts';
import { nextDown, nextUp } from '../../../../src/adapters/ml-random-forest/tree.ts';
import { createMlRandomForest } from '../../../../src/adapters/ml-random-forest/engine.ts';
import { ModelMismatch } from '../../../../src/domain/errors.ts';
import { decodeForest, encodeForest, type Forest } from '../../../../src/forest/forest-file.ts';
import { createForestPredictor } from '../../../../src/forest/forest-predictor.ts';
import { createThreadPool } from '../../../../src/forest/threads/thread-pool.ts';
import { numbersBelow } from '../../../support/unit/rating-table.ts';

const pool = createThreadPool(1);
afterAll(() => pool.close());
const engine = createMlRandomForest(pool);

type Model = Parameters<typeof RandomForestRegression.load>[0];
type Tree =
  | number
  | { readonly feature: number; readonly threshold: number; readonly left: Tree; readonly right: Tree };

const VALUES = [-Number.MAX_VALUE, -2.5, -1e-310, -0, 0, Number.MIN_VALUE, 0.1, 1 / 3, 1, 2 ** 53, 1e300];

/** Pseudo-random numbers from a seed. */
function randomNumbers(seed: number): () => number {
  let state = seed * 123_456_789;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}

function randomTree(random: () => number, depth: number): Tree {
  if (depth === 0 || (depth < 8 && random() < 0.2)) return random() * 10;
  return {
    feature: Math.floor(random() * 3),
    threshold: VALUES[Math.floor(random() * VALUES.length)] as number,
    left: randomTree(random, depth - 1),
    right: randomTree(random, depth - 1),
  };
}

/** In preorder, 16 bytes a node. */
function encodeTree(tree: Tree): Uint8Array {
  const nodes: { value: number; right: number; feature: number }[] = [];
  const visit = (node: Tree): void => {
    if (typeof node === 'number') {
      nodes.push({ value: node, right: 0, feature: 0 });
      return;
    }
    const split = { value: node.threshold, right: 0, feature: node.feature };
    nodes.push(split);
    visit(node.left);
    split.right = nodes.length;
    visit(node.right);
  };
  visit(tree);
  const bytes = new ArrayBuffer(nodes.length * 16);
  nodes.forEach(({ value, right, feature }, i) => {
    new Float64Array(bytes)[i * 2] = value;
    new Uint32Array(bytes).set([right, feature], i * 4 + 2);
  });
  return new Uint8Array(bytes);
}

function forestOf(...trees: Tree[]): Forest {
  return decodeForest('test', encodeForest(3, 0, trees.map(encodeTree), new Float64Array(3)));
}

function loadIntoPackage(forest: Forest): RandomForestRegression {
  return RandomForestRegression.load(JSON.parse(JSON.stringify(toMlRandomForestJson(forest))) as Model);
}

test.for(numbersBelow(5))(
  'the package predicts the same with an exported forest, bit for bit: seed %d',
  async (n) => {
    const random = randomNumbers(n + 1);
    const forest = forestOf(...numbersBelow(n + 1).map(() => randomTree(random, 8)));
    const near = VALUES.flatMap((x) => [x, nextUp(x), nextDown(x)]).filter(Number.isFinite);
    const rows = numbersBelow(400).map(() =>
      [0, 1, 2].map(() => near[Math.floor(random() * near.length)] as number),
    );
    const columns = [0, 1, 2].map((f) => Float64Array.from(rows, (row) => row[f] as number));
    const ours = [...(await createForestPredictor(pool, forest).predict(columns))];

    expect(loadIntoPackage(forest).predict(rows)).toEqual(ours);
    expect(new Set(ours).size).toBeGreaterThan(1);
  },
);

test('a forest is the same after export and import', () => {
  const random = randomNumbers(11);
  const forest = forestOf(7, randomTree(random, 9), randomTree(random, 9));
  const json: unknown = JSON.parse(JSON.stringify(toMlRandomForestJson(forest)));
  const back = fromMlRandomForestJson(json, 'model');

  // JSON loses the sign of a zero, which no split depends on.
  const withoutSign = ({ values }: Forest) => [...values].map((value) => value + 0);
  expect(withoutSign(back)).toEqual(withoutSign(forest));
  expect(back).toMatchObject({ features: 3, trees: 3, firstTree: 0, nodeCounts: forest.nodeCounts });
});

test('a tree of one leaf is exported', () => {
  expect(loadIntoPackage(forestOf(6.5)).predict([[1, 2, 3]])).toEqual([6.5]);
});

test('a tree that is deeper than the stack can be loaded and exported', async () => {
  const depth = 100_000;
  const split = (i: number) => `{"splitColumn":0,"splitValue":${i},"left":{"distribution":${i}},"right":`;
  const root = `${numbersBelow(depth).map(split).join('')}{"distribution":-1}${'}'.repeat(depth)}`;
  const base = `"n":1,"maxFeatures":1,"nEstimators":1,"indexes":[[0]]`;
  const estimators = `"estimators":[{"name":"DTRegression","root":${root}}]`;
  const text = `{"name":"RFRegression","selectionMethod":"mean","baseModel":{${base},${estimators}}}`;
  const bytes = new TextEncoder().encode(text);
  const forest = fromMlRandomForestJson(JSON.parse(text), 'model');

  const predicted = await engine.load(bytes, 'model').predict([Float64Array.of(-1, 41.5, 2 * depth)]);
  expect([...predicted]).toEqual([0, 42, -1]);
  const again = fromMlRandomForestJson(toMlRandomForestJson(forest), 'model');
  expect(Buffer.compare(new Uint8Array(again.values.buffer), new Uint8Array(forest.values.buffer))).toBe(0);
});

test.for([NaN, Infinity, Number.MAX_VALUE])('a threshold that has no JSON is refused: %d', (threshold) => {
  const forest = forestOf({ feature: 0, threshold, left: 1, right: 2 });

  expect(() => toMlRandomForestJson(forest)).toThrow(ModelMismatch);
});

test.for([NaN, Infinity])('a prediction that has no JSON is refused: %d', (prediction) => {
  expect(() => toMlRandomForestJson(forestOf(prediction))).toThrow(ModelMismatch);
});

/** A valid model with changes. */
function changed(change: { model?: object; base?: object; estimator?: object; root?: object }): unknown {
  const root = { splitColumn: 0, splitValue: 2, left: { distribution: 1 }, right: { distribution: 3 } };
  const estimator = { name: 'DTRegression', root: { ...root, ...change.root }, ...change.estimator };
  const base = { n: 1, maxFeatures: 0.5, nEstimators: 1, indexes: [[2]], estimators: [estimator] };
  return {
    name: 'RFRegression',
    selectionMethod: 'mean',
    baseModel: { ...base, ...change.base },
    ...change.model,
  };
}

test.for<[what: string, json: unknown]>([
  ['nothing', null],
  ['a number', 7],
  ['a list', []],
  ['an empty object', {}],
  ['a classifier', changed({ model: { name: 'RFClassifier' } })],
  ['a forest of medians', changed({ model: { selectionMethod: 'median' } })],
  ['no base', changed({ model: { baseModel: null } })],
  ['no trees', changed({ base: { nEstimators: 0, indexes: [], estimators: [] } })],
  ['another number of trees than stated', changed({ base: { nEstimators: 2 } })],
  ['more lists of indexes than trees', changed({ base: { indexes: [[0], [0]] } })],
  ['an index beyond its features', changed({ base: { indexes: [[3]] } })],
  ['an index that is not a number', changed({ base: { indexes: [['0']] } })],
  ['no number of features', changed({ base: { n: undefined } })],
  ['a fraction of no features', changed({ base: { maxFeatures: 0 } })],
  ['a tree that is not an object', changed({ base: { estimators: [7] } })],
  ['a tree that classifies', changed({ estimator: { name: 'DTClassifier' } })],
  ['no root', changed({ estimator: { root: undefined } })],
  ['a column beyond the indexes', changed({ root: { splitColumn: 1 } })],
  ['a column that is not a number', changed({ root: { splitColumn: 'length' } })],
  ['a split at nothing', changed({ root: { splitValue: null } })],
  ['a split with one side', changed({ root: { right: undefined } })],
  ['a leaf of null', changed({ root: { distribution: null } })],
  ['a leaf of classes', changed({ root: { left: { distribution: [[1]] } } })],
])('JSON that the package would misread is a ModelMismatch with a hint: %s', ([, json]) => {
  const load = () => engine.load(new TextEncoder().encode(JSON.stringify(json)), 'model-7');

  expect(load).toThrow(ModelMismatch);
  expect(load).toThrow(/model-7.*Score with/);
});

test('the same model without a change is accepted', async () => {
  const bytes = new TextEncoder().encode(JSON.stringify(changed({})));

  expect([
    ...(await engine.load(bytes, 'model').predict([0, 0, 1.9].map((value) => Float64Array.of(value)))),
  ]).toEqual([1]);
});

test.for(['', 'garbage', '{"name":"RFRegression","baseMod'])(
  'text that is not JSON is a ModelMismatch: %j',
  (text) => {
    expect(() => engine.load(new TextEncoder().encode(text), 'model')).toThrow(ModelMismatch);
  },
);

test('nextUp and nextDown return the nearest doubles', () => {
  expect(nextUp(1)).toBe(1 + Number.EPSILON);
  expect(nextDown(1)).toBe(1 - Number.EPSILON / 2);
  expect(nextUp(-1)).toBe(-1 + Number.EPSILON / 2);
  expect([nextUp(0), nextUp(-0), nextDown(0)]).toEqual([5e-324, 5e-324, -5e-324]);
  expect([nextUp(-5e-324), nextDown(5e-324)]).toEqual([-0, 0]);
  expect([nextUp(Number.MAX_VALUE), nextUp(-Infinity)]).toEqual([Infinity, -Number.MAX_VALUE]);
  expect([nextUp(Infinity), nextUp(NaN), nextDown(-Infinity)]).toEqual([Infinity, NaN, -Infinity]);
});

import fc from 'fast-check';
import { expect } from 'vitest';
import { ModelMismatch } from '../../../src/domain/errors.ts';
import { decodeForest, encodeForest } from '../../../src/forest/forest-file.ts';
import { createHistogramEngine } from '../../../src/forest/histogram-engine.ts';
import { naivePrediction } from '../../support/unit/naive-forest.ts';
import { openPool, test as base } from '../../support/unit/forest-pool.ts';
import { ratingSet, type ColumnKind } from '../../support/unit/forest-table.ts';
import { growForest, rowsOf, sha256Of, toSet, toTrees } from '../../support/unit/forest.ts';

/** More than one block of rows, and more work than the main thread does itself. */
const ROWS = 6000;
const TREES = 100;
const KINDS: readonly ColumnKind[] = ['continuous', 'few', 'tied', 'binary'];
const UNSEEN = ratingSet(ROWS, KINDS, 2);

/** A forest, what a textbook predicts with it, and the engine that grew it. */
const test = base.extend('forest', { scope: 'file' }, async ({ pool }) => {
  const engine = createHistogramEngine(pool);
  const { bytes } = await growForest(pool, ratingSet(300, KINDS), { trees: TREES });
  const trees = toTrees(bytes);
  const expected = Float64Array.from(rowsOf(UNSEEN), (row) => {
    return trees.reduce((sum, tree) => sum + naivePrediction(tree, row), 0) / TREES;
  });
  return { bytes, expected, engine, predictor: engine.load(bytes, 'the test') };
});

function slice(from: number, to: number): Float64Array[] {
  return UNSEEN.columns.map((column) => column.slice(from, to));
}

test('threads predict what walking the trees in their order adds up to, bit for bit', async ({ forest }) => {
  expect(await forest.predictor.predict(UNSEEN.columns)).toEqual(forest.expected);
});

test('rows get the same bits in batches of any size, inline or in threads', async ({ forest }) => {
  const { expected, predictor } = forest;
  const batch = fc.tuple(
    fc.nat(ROWS),
    fc.oneof(fc.nat(40), fc.nat(ROWS), fc.constantFrom(1, 7, 8, 9, 4096, 4097, 5000, 5001)),
  );
  await fc.assert(
    fc.asyncProperty(batch, async ([from, size]) => {
      expect(await predictor.predict(slice(from, from + size))).toEqual(expected.slice(from, from + size));
    }),
    { numRuns: 60 },
  );
});

test('rows get the same bits one at a time', async ({ forest }) => {
  for (let row = 0; row < 200; row += 1) {
    const predicted = await forest.predictor.predict(slice(row, row + 1));
    expect(predicted).toEqual(forest.expected.slice(row, row + 1));
  }
});

test('concurrent predictions do not affect each other', async ({ forest }) => {
  const predictor = createHistogramEngine(openPool(2)).load(forest.bytes, 'the test');
  const cuts = [0, 5200, 100, 5900, 17, 6000];
  const all = await Promise.all(cuts.map((cut) => predictor.predict(slice(0, cut))));

  all.forEach((predicted, i) => {
    expect(predicted).toEqual(forest.expected.slice(0, cuts[i]));
  });
});

test('a forest predicts the same after encoding, decoding and an unaligned read', async ({ forest }) => {
  const { features, importances, starts, values, trees } = decodeForest('the test', forest.bytes);
  const nodes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const split = Array.from(starts, (start, i) =>
    nodes.subarray(start * 16, (starts[i + 1] ?? Infinity) * 16),
  );
  const again = encodeForest(features, 0, split, importances);
  const odd = Buffer.concat([Buffer.from('header\n'), again]).subarray(7);

  expect(trees).toBe(TREES);
  expect(sha256Of(again)).toBe(sha256Of(forest.bytes));
  const predictor = forest.engine.load(odd, 'the test');
  expect(await predictor.predict(slice(0, 500))).toEqual(forest.expected.slice(0, 500));
});

test('no rows get no predictions', async ({ forest }) => {
  expect(await forest.predictor.predict(KINDS.map(() => new Float64Array(0)))).toEqual(new Float64Array(0));
});

test.for([0, 1, 3, 5])('%d columns are refused by a forest of 4 features', async (count, { forest }) => {
  const columns = Array.from({ length: count }, () => Float64Array.of(1, 2));

  await expect(forest.predictor.predict(columns)).rejects.toThrow(ModelMismatch);
});

test('a value at the threshold goes left, and unseen extremes go to the ends', async ({ pool }) => {
  const set = toSet([[0, 0, 0, 2, 2, 2]], [1, 1, 1, 5, 5, 5]);
  const { bytes } = await growForest(pool, set, { trees: 1 });
  const predictor = createHistogramEngine(pool).load(bytes, 'the test');
  const values = [-Number.MAX_VALUE, -0, 0, 1, 1 + Number.EPSILON, 2, Number.MAX_VALUE];

  expect([...(await predictor.predict([Float64Array.from(values)]))]).toEqual([1, 1, 1, 1, 5, 5, 5]);
});

test.for([1, 3, 900])('a forest of %d features predicts as a textbook', async (features, { pool }) => {
  const kinds = Array.from({ length: features }, (): ColumnKind => 'few');
  const { bytes } = await growForest(pool, ratingSet(60, kinds), { trees: 5 });
  const unseen = ratingSet(100, kinds, 3);
  const trees = toTrees(bytes);
  const expected = rowsOf(unseen).map(
    (row) => trees.reduce((sum, tree) => sum + naivePrediction(tree, row), 0) / trees.length,
  );

  const predictor = createHistogramEngine(pool).load(bytes, 'the test');
  expect([...(await predictor.predict(unseen.columns))]).toEqual(expected);
});

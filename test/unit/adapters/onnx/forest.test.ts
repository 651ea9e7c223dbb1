import * as onnxruntime from 'onnxruntime-web';
import { expect } from 'vitest';
import { toOnnx } from '../../../../src/adapters/onnx/forest.ts';
import { ModelMismatch } from '../../../../src/domain/errors.ts';
import { decodeForest, type Forest } from '../../../../src/forest/forest-file.ts';
import { naiveDraws } from '../../../support/unit/naive-forest.ts';
import { test as base } from '../../../support/unit/forest-pool.ts';
import { ratingSet } from '../../../support/unit/forest-table.ts';
import { growForest, rowsOf } from '../../../support/unit/forest.ts';
import { forestBytesOf, type HandMadeNode } from '../../../support/unit/model-file.ts';
import { numbersBelow } from '../../../support/unit/rating-table.ts';

onnxruntime.env.wasm.numThreads = 1;

const TREES = 25;
const SET = ratingSet(400, ['continuous', 'few', 'skewed']);
const ABOUT = {
  version: '0123456789ab',
  engine: 'histogram',
  target: 'imdb_score',
  features: ['gross', 'Länge, "min"', 'votes'],
};

const test = base.extend('forest', { scope: 'file' }, async ({ pool }) =>
  decodeForest('the test', (await growForest(pool, SET, { trees: TREES })).bytes),
);

/** The mean of the trees in float64, as the format of the forest file describes them. */
function walk({ trees, starts, values, words }: Forest, row: readonly number[]): number {
  const sum = starts.reduce((total, start) => {
    let node = start;
    for (let right = words[node * 4 + 2]; right; right = words[node * 4 + 2]) {
      const value = row[words[node * 4 + 3] as number] as number;
      node = value <= (values[node * 2] as number) ? node + 1 : start + right;
    }
    return total + (values[node * 2] as number);
  }, 0);
  return sum / trees;
}

/** Training rows with one value moved onto a threshold of its feature, or to the next doubles beside it. */
function rowsAtThresholds({ nodeCount, values, words }: Forest, count: number): number[][] {
  const splits = numbersBelow(nodeCount).filter((node) => words[node * 4 + 2] !== 0);
  const rows = rowsOf(SET);
  const draw = naiveDraws(1, 0);
  return numbersBelow(count).map((i) => {
    const row = rows[draw(rows.length)] as number[];
    const node = splits[draw(splits.length)];
    if (node === undefined) return row;
    const threshold = values[node * 2] as number;
    const step = (i % 3) - 1;
    return row.with(words[node * 4 + 3] as number, threshold + step * Math.abs(threshold) * 2 ** -52);
  });
}

async function predict(bytes: Uint8Array, rows: readonly (readonly number[])[]): Promise<Float32Array> {
  const session = await onnxruntime.InferenceSession.create(bytes);
  const input = new onnxruntime.Tensor('float64', Float64Array.from(rows.flat()), [
    rows.length,
    rows[0]?.length ?? 0,
  ]);
  const { prediction } = await session.run({ features: input });
  expect(prediction).toMatchObject({ type: 'float32', dims: [rows.length, 1] });
  return prediction?.data as Float32Array;
}

// onnxruntime divides the work differently for one row, for few and for many.
test.for([1, 30, 3000])(
  'onnxruntime predicts what the trees do, as floats, for %d rows near thresholds',
  async (count, { forest }) => {
    const rows = rowsAtThresholds(forest, count);

    const predictions = await predict(toOnnx(forest, ABOUT), rows);

    expect(Array.from(predictions)).toEqual(rows.map((row) => Math.fround(walk(forest, row))));
  },
);

test('trees that are a single leaf are averaged like others', async () => {
  const forest = decodeForest('the test', forestBytesOf(3, [5], [6.5], [[0, 2, 2], 1, 2]));

  const predictions = await predict(toOnnx(forest, ABOUT), [
    [1, 2, 0],
    [1, 2, Number.MIN_VALUE],
  ]);

  expect(Array.from(predictions)).toEqual([Math.fround(12.5 / 3), Math.fround(13.5 / 3)]);
});

test('the file declares the types and shapes of its input and output', async ({ forest }) => {
  const session = await onnxruntime.InferenceSession.create(toOnnx(forest, ABOUT));

  expect(session.inputMetadata).toMatchObject([{ name: 'features', type: 'float64', shape: ['N', 3] }]);
  expect(session.outputMetadata).toMatchObject([{ name: 'prediction', type: 'float32', shape: ['N', 1] }]);
});

test('a tree too deep for ONNX runtimes is refused, with what to do', () => {
  const chain: HandMadeNode[] = [...numbersBelow(1001).flatMap((i) => [[i, 2 * i + 2, 0] as const, 1]), 1];
  const shallower = chain.slice(0, -2).with(-1, 1);
  const forestOf = (nodes: readonly HandMadeNode[]) => decodeForest('the test', forestBytesOf(3, nodes));

  expect(toOnnx(forestOf(shallower), ABOUT).length).toBeGreaterThan(0);
  expect(() => toOnnx(forestOf(chain), ABOUT)).toThrow(ModelMismatch);
  expect(() => toOnnx(forestOf(chain), ABOUT)).toThrow(
    'the forest is too large for ONNX: expected trees of at most 1000 levels, got 1001. Train with forest.maxDepth',
  );
});

import { execa } from 'execa';
import fc from 'fast-check';
import { expect, test as base } from 'vitest';
import type { TrainingSet } from '../../../src/activities/training/forest-engine.ts';
import { decodeForest, NODE_BYTES } from '../../../src/forest/forest-file.ts';
import { createHistogramEngine } from '../../../src/forest/histogram-engine.ts';
import { instantiateKernel } from '../../../src/forest/kernel.ts';
import { createThreadPool } from '../../../src/forest/threads/thread-pool.ts';
import { createTrainingMemory, useTrainingMemory } from '../../../src/forest/memory/training-memory.ts';
import { ratingSet } from '../../support/unit/forest-table.ts';
import { forestParams, growForest, growRange, sha256Of } from '../../support/unit/forest.ts';
import { numbersBelow } from '../../support/unit/rating-table.ts';

/** Enough threads for every test; a test that needs fewer sets `size`. */
const test = base.extend('pool', { scope: 'file' }, async ({}, { onCleanup }) => {
  const pool = createThreadPool(8);
  onCleanup(() => pool.close());
  return pool;
});

const MODULES = [
  'src/forest/threads/thread-pool',
  'test/support/unit/forest',
  'test/support/unit/forest-table',
].map((path) => new URL(`../../../${path}.ts`, import.meta.url).href);

const SMALL = ratingSet(400, ['continuous', 'few', 'tied', 'constant', 'binary']);
const LARGE = ratingSet(7000, ['continuous', 'few', 'tied']);
const PARAMS = forestParams({ trees: 12, featureFraction: 0.6 });

/** The digest of the forest of {@link SMALL} and {@link PARAMS}, on any machine. Only a new algorithm may change it. */
const GOLDEN_SHA256 = '30a2b9db81140b5df3665779e30a8ec370a6e246b5523474d364ab56f3bd8ff0';

test('a fixed forest has a fixed digest, on any machine', async ({ pool }) => {
  const { bytes } = await growForest(pool, SMALL, PARAMS);

  expect(sha256Of(bytes)).toBe(GOLDEN_SHA256);
});

test.for([1, 2, 3, 8])('%d threads grow the same bytes as any other number', async (size, { pool }) => {
  const { bytes } = await growForest({ ...pool, size }, SMALL, PARAMS);

  expect(sha256Of(bytes)).toBe(GOLDEN_SHA256);
});

test('another process grows the same bytes', async ({ pool }) => {
  const script = `
    const [{ createThreadPool }, { growForest, sha256Of }, { ratingSet }] =
      await Promise.all(${JSON.stringify(MODULES)}.map((url) => import(url)));
    const pool = createThreadPool(1);
    const { bytes } = await growForest(pool, ratingSet(7000, ['continuous', 'few', 'tied']));
    console.log(sha256Of(bytes));
    await pool.close();`;
  const { stdout } = await execa(process.execPath, [
    '--import',
    'tsx',
    '--input-type=module',
    '--eval',
    script,
  ]);

  const { bytes } = await growForest(pool, LARGE);
  expect(stdout).toBe(sha256Of(bytes));
});

test('any division of the trees, grown in any order, assembles to the same bytes', async ({ pool }) => {
  const engine = createHistogramEngine(pool);
  const cuts = fc.subarray(numbersBelow(PARAMS.trees).slice(1));
  await fc.assert(
    fc.asyncProperty(cuts, fc.boolean(), async (inner, backwards) => {
      const firsts = [0, ...inner];
      const ranges = firsts.map((first, i) => ({ first, count: (firsts[i + 1] ?? PARAMS.trees) - first }));
      const parts = new Map<number, Uint8Array>();
      for (const range of backwards ? ranges.toReversed() : ranges) {
        parts.set(range.first, await growRange(pool, SMALL, PARAMS, range));
      }
      const inOrder = firsts.map((first) => parts.get(first) as Uint8Array);
      const { bytes } = await engine.assemble(inOrder, SMALL, PARAMS);
      expect(sha256Of(bytes)).toBe(GOLDEN_SHA256);
    }),
    { numRuns: 20 },
  );
});

test('parts that are read at odd addresses assemble to the same bytes', async ({ pool }) => {
  const parts = await Promise.all([
    growRange(pool, SMALL, PARAMS, { first: 0, count: 5 }),
    growRange(pool, SMALL, PARAMS, { first: 5, count: 7 }),
  ]);
  const stored = parts.map((part) => Buffer.concat([Buffer.from('odd'), part]).subarray(3));
  const { bytes } = await createHistogramEngine(pool).assemble(stored, SMALL, PARAMS);

  expect(sha256Of(bytes)).toBe(GOLDEN_SHA256);
});

test('a retry of a range grows the same bytes', async ({ pool }) => {
  const range = { first: 3, count: 4 };
  const first = await growRange(pool, LARGE, PARAMS, range);

  expect(sha256Of(await growRange(pool, LARGE, PARAMS, range))).toBe(sha256Of(first));
});

test('forests grown concurrently, or after a larger one, are the same as alone', async ({ pool }) => {
  const large = await growForest(pool, LARGE);
  const [small, again, smallAgain] = await Promise.all([
    growForest(pool, SMALL, PARAMS),
    growForest(pool, LARGE),
    growForest(pool, SMALL, PARAMS),
  ]);

  expect(sha256Of(again.bytes)).toBe(sha256Of(large.bytes));
  expect([small, smallAgain].map(({ bytes }) => sha256Of(bytes))).toEqual([GOLDEN_SHA256, GOLDEN_SHA256]);
});

test('out-of-bag predictions and importances do not depend on the number of threads', async ({ pool }) => {
  const one = await growForest({ ...pool, size: 1 }, SMALL, PARAMS);
  for (const size of [3, 8]) {
    const more = await growForest({ ...pool, size }, SMALL, PARAMS);
    expect(more.outOfBagPredictions).toEqual(one.outOfBagPredictions);
    expect(more.importances).toEqual(one.importances);
  }
});

/** The nodes of a tree, grown in memory that is filled with this byte around the training set. */
async function growInDirtyMemory(
  { columns, targets }: TrainingSet,
  tree: number,
  byte: number,
): Promise<Uint8Array> {
  const { memory, layout, units } = await createTrainingMemory({ columns, targets }, 1);
  const kernel = instantiateKernel(memory);
  const bytes = new Uint8Array(memory.buffer);
  bytes.fill(byte, layout.targets + targets.length * 8);
  const { start } = useTrainingMemory(kernel, layout, 0);
  columns.forEach((_, feature) => kernel.prepareColumn(feature, start));
  bytes.fill(byte, start);
  const { nodes, importances } = useTrainingMemory(kernel, layout, 0);
  kernel.useParams(2 ** 31 - 1, 1, columns.length, units.base, units.scale);
  const count = kernel.growTree(PARAMS.seed, tree, nodes, importances);
  return bytes.slice(nodes, nodes + count * NODE_BYTES);
}

// Stale memory once reached the model in bytes that no prediction reads: the digests differed, nothing else did.
test.for([
  ['a small set', SMALL],
  ['a large set', LARGE],
] as const)(
  'earlier contents of the memory do not change the bytes of a model: %s',
  async ([, set], { pool }) => {
    const part = await growRange(pool, set, forestParams({ trees: 2 }));
    const { values, nodeCounts } = decodeForest('the test', part);
    const second = new Uint8Array(values.buffer, values.byteOffset + (nodeCounts[0] as number) * NODE_BYTES);

    for (const byte of [0x00, 0xaa, 0xff]) {
      expect(sha256Of(await growInDirtyMemory(set, 1, byte))).toBe(sha256Of(second));
    }
  },
);

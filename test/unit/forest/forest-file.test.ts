import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect } from 'vitest';
import { ArtifactCorrupt, ModelMismatch } from '../../../src/domain/errors.ts';
import { decodeForest, encodeForest, NODE_BYTES } from '../../../src/forest/forest-file.ts';
import { createHistogramEngine } from '../../../src/forest/histogram-engine.ts';
import { test as base } from '../../support/unit/forest-pool.ts';
import { ratingSet } from '../../support/unit/forest-table.ts';
import { forestParams, growRange, sha256Of, toTrees } from '../../support/unit/forest.ts';
import { numbersBelow } from '../../support/unit/rating-table.ts';

const HEADER_BYTES = 64;
const CHECKSUM_AT = 32;
const FEATURES = 3;

/** Three trees, from the fifth on. */
const test = base.extend('forest', { scope: 'file' }, async ({ pool }) => {
  const set = ratingSet(40, ['continuous', 'few', 'binary']);
  return growRange(pool, set, forestParams({ trees: 8, maxDepth: 4 }), { first: 5, count: 3 });
});

interface Node {
  readonly value: number;
  readonly right: number;
  readonly feature: number;
}

const LEAF: Node = { value: 1, right: 0, feature: 0 };

function toBytes(nodes: readonly Node[]): Uint8Array {
  const bytes = new Uint8Array(nodes.length * NODE_BYTES);
  const view = new DataView(bytes.buffer);
  nodes.forEach(({ value, right, feature }, i) => {
    view.setFloat64(i * NODE_BYTES, value, true);
    view.setUint32(i * NODE_BYTES + 8, right, true);
    view.setUint32(i * NODE_BYTES + 12, feature, true);
  });
  return bytes;
}

/** A forest file with a correct checksum, whatever its trees. */
function fileOf(...trees: (readonly Node[])[]): Uint8Array {
  return encodeForest(FEATURES, 0, trees.map(toBytes), new Float64Array(FEATURES));
}

function withChecksum(bytes: Uint8Array): Uint8Array {
  const hash = createHash('sha256');
  hash.update(bytes.subarray(0, CHECKSUM_AT)).update(bytes.subarray(HEADER_BYTES));
  bytes.set(hash.digest(), CHECKSUM_AT);
  return bytes;
}

function failureOf(bytes: Uint8Array): unknown {
  try {
    decodeForest('model.bin', bytes);
    return undefined;
  } catch (error) {
    return error;
  }
}

function isRefusal(error: unknown): boolean {
  return error instanceof ModelMismatch || error instanceof ArtifactCorrupt;
}

test('what is encoded is decoded', ({ forest }) => {
  const { features, trees, firstTree, nodeCount, nodeCounts, starts, values, words, importances } =
    decodeForest('model.bin', forest);

  expect({ features, trees, firstTree }).toEqual({ features: FEATURES, trees: 3, firstTree: 5 });
  expect(nodeCounts.reduce((sum, count) => sum + count, 0)).toBe(nodeCount);
  expect([...starts]).toEqual([0, nodeCounts[0], (nodeCounts[0] as number) + (nodeCounts[1] as number)]);
  const nodes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  expect(words.byteOffset).toBe(values.byteOffset);
  const split = Array.from(starts, (start, i) =>
    nodes.subarray(start * NODE_BYTES, (start + (nodeCounts[i] as number)) * NODE_BYTES),
  );
  expect(sha256Of(encodeForest(features, firstTree, split, importances))).toBe(sha256Of(forest));
});

test('any one flipped bit is refused, not scored', ({ forest }) => {
  const places = new Set(numbersBelow(HEADER_BYTES + FEATURES * 8 + 16));
  for (let at = 0; at < forest.length; at += 3) places.add(at);
  expect(places.size).toBeGreaterThan(200);
  for (const at of places) {
    for (const bit of at < HEADER_BYTES ? numbersBelow(8) : [at % 8]) {
      const damaged = new Uint8Array(forest);
      damaged[at] = (damaged[at] as number) ^ (1 << bit);
      expect(failureOf(damaged), `bit ${bit} of byte ${at}`).toSatisfy(isRefusal);
    }
  }
});

test('a forest that is cut off at any byte, or has more bytes, is refused', ({ forest }) => {
  for (const length of numbersBelow(forest.length)) {
    expect(failureOf(new Uint8Array(forest.subarray(0, length))), `${length} bytes`).toSatisfy(isRefusal);
  }
  for (const more of [1, 8, 16]) {
    expect(failureOf(Buffer.concat([forest, new Uint8Array(more)]))).toBeInstanceOf(ArtifactCorrupt);
  }
});

test('other bytes are refused', () => {
  const bytes = fc.uint8Array({ maxLength: 300 });
  const afterTheMagic = bytes.map((rest) =>
    Buffer.concat([Buffer.from('IMDBRF\0\0\x01\0\0\0', 'latin1'), rest]),
  );
  fc.assert(
    fc.property(fc.oneof(bytes, afterTheMagic), (garbage) => {
      expect(failureOf(garbage)).toSatisfy(isRefusal);
    }),
    { numRuns: 300 },
  );
});

test('a forest of a later version is refused by the number of its version', ({ forest }) => {
  const later = new Uint8Array(forest);
  later[8] = 2;

  for (const bytes of [later, withChecksum(new Uint8Array(later))]) {
    const error = failureOf(bytes);
    expect(error).toBeInstanceOf(ModelMismatch);
    expect(error).toMatchObject({ facts: { where: 'model.bin', expected: 'version 1', got: '2' } });
  }
});

test('trees in which every path ends in a leaf are accepted', () => {
  const split = { value: 0, right: 2, feature: FEATURES - 1 };
  const chain = [{ ...split, right: 4 }, { ...split, right: 3 }, LEAF, LEAF, LEAF];

  expect(decodeForest('model.bin', fileOf([LEAF], [split, LEAF, LEAF], chain)).nodeCount).toBe(9);
});

test.for<[why: string, tree: readonly Node[]]>([
  ['the right child is the node itself', [LEAF, { ...LEAF, right: 1 }, LEAF]],
  [
    'the right child is an ancestor',
    [{ ...LEAF, right: 4 }, { ...LEAF, right: 3 }, { ...LEAF, right: 1 }, LEAF, LEAF],
  ],
  ['the right child is the left child', [{ ...LEAF, right: 1 }, LEAF]],
  ['the right child is after the end of the tree', [{ ...LEAF, right: 3 }, LEAF, LEAF]],
  ['the right child is far after the end of the file', [{ ...LEAF, right: 0xffffffff }, LEAF, LEAF]],
  ['two nodes have the same right child', [{ ...LEAF, right: 3 }, { ...LEAF, right: 3 }, LEAF, LEAF]],
  ['a node has no parent', [{ ...LEAF, right: 3 }, LEAF, LEAF, LEAF]],
  ['nodes follow the last leaf', [LEAF, LEAF]],
  ['the last node is not a leaf', [{ ...LEAF, right: 2 }, LEAF, { ...LEAF, right: 2 }]],
  ['a split uses a feature that does not exist', [{ ...LEAF, right: 2, feature: FEATURES }, LEAF, LEAF]],
  ['a leaf names a feature that does not exist', [{ ...LEAF, feature: 0xffffffff }]],
  ['there is no node', []],
])('a broken tree is refused though its checksum is right: %s', ([, tree]) => {
  // At every position in the forest.
  for (const trees of [[tree], [tree, [LEAF]], [[LEAF], tree], [[LEAF], tree, [LEAF, LEAF]]]) {
    expect(failureOf(fileOf(...trees))).toBeInstanceOf(ModelMismatch);
  }
});

test('numbers of nodes that do not add up are refused at once', () => {
  const bytes = fileOf([LEAF], [LEAF], [LEAF]);
  const counts = HEADER_BYTES + FEATURES * 8;
  for (const wrong of [
    [1, 1, 0],
    [1, 2, 1],
    [0, 0, 3],
    [1, 1, 2],
    [0xffffffff, 3, 1],
    [1, 1, 0xffffffff],
  ]) {
    const file = new Uint8Array(bytes);
    new Uint32Array(file.buffer, counts, 3).set(wrong);
    expect(failureOf(withChecksum(file)), wrong.join()).toBeInstanceOf(ModelMismatch);
  }
});

test('parts that do not form the whole forest are refused', async ({ pool }) => {
  const set = ratingSet(40, ['continuous', 'few', 'binary']);
  const params = forestParams({ trees: 6 });
  const grow = (first: number, count: number) => growRange(pool, set, params, { first, count });
  const [head, middle, tail] = await Promise.all([grow(0, 2), grow(2, 1), grow(3, 3)]);
  const assemble = (parts: Uint8Array[], of = set) => createHistogramEngine(pool).assemble(parts, of, params);

  expect(toTrees((await assemble([head, middle, tail])).bytes)).toHaveLength(6);
  for (const parts of [
    [],
    [head, middle],
    [head, tail],
    [middle, tail],
    [head, tail, middle],
    [head, head, tail],
  ]) {
    await expect(assemble(parts)).rejects.toThrow(ModelMismatch);
  }
  await expect(assemble([head, middle, tail, tail])).rejects.toThrow(ModelMismatch);
  await expect(assemble([head, middle, tail], ratingSet(40, ['few']))).rejects.toThrow(ModelMismatch);
  await expect(assemble([head, middle, tail.slice(0, -1)])).rejects.toThrow(ArtifactCorrupt);
});

test('a part of a forest, or one without trees, is not loaded as a model', async ({ pool, forest }) => {
  const engine = createHistogramEngine(pool);

  expect(() => engine.load(forest, 'model')).toThrow('expected trees from 0 on, got 3 trees from 5 on');
  expect(() => engine.load(encodeForest(1, 0, [], new Float64Array(1)), 'model')).toThrow(ModelMismatch);
});

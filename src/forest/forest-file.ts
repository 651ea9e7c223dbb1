import { createHash } from 'node:crypto';
import { ArtifactCorrupt, ModelMismatch, TrainingError } from '../domain/errors.ts';

/**
 * A forest, or consecutive trees of one. Nodes are 16 bytes, tree after tree, each tree in preorder:
 * f64 threshold (or prediction), u32 index of the right child in its tree (0: a leaf), u32 feature. The left child
 * follows its parent; a row goes left when `x[feature] <= threshold`.
 */
export interface Forest {
  readonly features: number;
  readonly trees: number;
  readonly firstTree: number;
  readonly nodeCount: number;
  /** u32[trees] */
  readonly nodeCounts: Uint32Array;
  /** u32[trees]: index of each tree's root among all nodes */
  readonly starts: Uint32Array;
  /** Node i's f64 at [2i]. */
  readonly values: Float64Array;
  /** Node i's right child at [4i + 2], feature at [4i + 3]; the same memory as `values`. */
  readonly words: Uint32Array;
  /** f64[features]: see {@link IMPORTANCE_UNITS} */
  readonly importances: Float64Array;
}

/** A tree's importances are whole units that add up to this, so that sums over trees are exact in any grouping. */
export const IMPORTANCE_UNITS = 2 ** 38;

const MAGIC = 'IMDBRF\0\0';
const VERSION = 1;
const HEADER_BYTES = 64;
const CHECKSUM_AT = 32;
export const NODE_BYTES = 16;
/** The limit of what scoring can address. */
const MAX_NODES = 2 ** 32 / NODE_BYTES - 2 ** 16;

/**
 * Little-endian: magic (8 bytes), u32 version, features, trees, first tree, nodes, 0, sha256 of all
 * other bytes (32 bytes); f64 importances[features]; u32 nodes[trees], padded to 8 bytes; nodes.
 * In shared memory, so that threads can read it.
 */
export function encodeForest(
  features: number,
  firstTree: number,
  trees: readonly Uint8Array[],
  importances: Float64Array,
): Uint8Array<SharedArrayBuffer> {
  const nodeCount = trees.reduce((sum, nodes) => sum + nodes.length / NODE_BYTES, 0);
  if (nodeCount > MAX_NODES) {
    throw new TrainingError({
      what: 'the forest is too large',
      expected: `at most ${MAX_NODES} nodes`,
      got: `${nodeCount}`,
      hint: 'Set forest.maxDepth or forest.minLeafRows, or grow fewer trees',
    });
  }
  const countsAt = HEADER_BYTES + features * 8;
  const nodesAt = countsAt + paddedCounts(trees.length);
  const bytes = new Uint8Array(new SharedArrayBuffer(nodesAt + nodeCount * NODE_BYTES));
  bytes.set(new TextEncoder().encode(MAGIC));
  new Uint32Array(bytes.buffer, 8, 5).set([VERSION, features, trees.length, firstTree, nodeCount]);
  new Float64Array(bytes.buffer, HEADER_BYTES, features).set(importances);
  const counts = new Uint32Array(bytes.buffer, countsAt, trees.length);
  let at = nodesAt;
  trees.forEach((nodes, i) => {
    counts[i] = nodes.length / NODE_BYTES;
    bytes.set(nodes, at);
    at += nodes.length;
  });
  bytes.set(checksum(bytes), CHECKSUM_AT);
  return bytes;
}

/**
 * @param where names the file in errors
 * @throws ModelMismatch when the bytes are not a forest of this version, ArtifactCorrupt when they are damaged
 */
export function decodeForest(where: string, bytes: Uint8Array): Forest {
  const got = new TextDecoder('latin1').decode(bytes.slice(0, MAGIC.length));
  if (bytes.length < HEADER_BYTES || got !== MAGIC) {
    throw new ModelMismatch({ what: 'not a forest', where, expected: 'a file of this engine' });
  }
  // Typed arrays need alignment, and the header line of a model file can have any length.
  const whole = bytes.byteOffset % 8 === 0 ? bytes : new Uint8Array(bytes);
  const { buffer, byteOffset } = whole;
  const header = new Uint32Array(buffer, byteOffset + 8, 5) as unknown as [
    number,
    number,
    number,
    number,
    number,
  ];
  const [version, features, trees, firstTree, nodeCount] = header;
  if (version !== VERSION) {
    throw new ModelMismatch({
      what: 'unknown forest format',
      where,
      expected: `version ${VERSION}`,
      got: `${version}`,
      hint: 'Score with the version of this program that trained the model, or train again',
    });
  }
  const countsAt = HEADER_BYTES + features * 8;
  const nodesAt = countsAt + paddedCounts(trees);
  const expectedBytes = nodesAt + nodeCount * NODE_BYTES;
  if (whole.length !== expectedBytes) {
    throw corrupt('the forest is truncated', where, `${expectedBytes} bytes`, `${whole.length}`);
  }
  const recorded = Buffer.from(whole.subarray(CHECKSUM_AT, HEADER_BYTES)).toString('hex');
  const actual = Buffer.from(checksum(whole)).toString('hex');
  if (recorded !== actual) throw corrupt('the forest is damaged', where, `sha256 ${recorded}`, actual);
  const nodeCounts = new Uint32Array(buffer, byteOffset + countsAt, trees);
  const forest: Forest = {
    features,
    trees,
    firstTree,
    nodeCount,
    nodeCounts,
    starts: startsOf(nodeCounts),
    values: new Float64Array(buffer, byteOffset + nodesAt, nodeCount * 2),
    words: new Uint32Array(buffer, byteOffset + nodesAt, nodeCount * 4),
    importances: new Float64Array(buffer, byteOffset + HEADER_BYTES, features),
  };
  requireTrees(forest, where);
  return forest;
}

/** Every tree must be complete and in preorder, so that every walk ends in a leaf. */
function requireTrees({ features, nodeCounts, nodeCount, words }: Forest, where: string): void {
  // Checked first, because the counts bound the loops below.
  if (nodeCounts.reduce((sum, count) => sum + count, 0) !== nodeCount) throw brokenTree(where, nodeCount);
  const pending: number[] = [];
  let node = 0;
  for (const count of nodeCounts) {
    for (let i = 0; i < count; i += 1, node += 1) {
      const right = words[node * 4 + 2] as number;
      if ((words[node * 4 + 3] as number) >= features) throw brokenTree(where, node);
      if (right !== 0) pending.push(right);
      // After a leaf comes the most recent pending right child, or the tree ends.
      else if ((pending.pop() ?? count) !== i + 1) throw brokenTree(where, node);
    }
    if (count === 0 || pending.length > 0) throw brokenTree(where, node);
  }
}

function brokenTree(where: string, node: number): ModelMismatch {
  return new ModelMismatch({ what: 'not a forest: a tree is broken', where, got: `node ${node}` });
}

function corrupt(what: string, where: string, expected: string, got: string): ArtifactCorrupt {
  return new ArtifactCorrupt({ what, where, expected, got, hint: 'Fetch the file again, or train again' });
}

function startsOf(nodeCounts: Uint32Array): Uint32Array {
  let start = 0;
  return nodeCounts.map((count) => (start += count) - count);
}

function paddedCounts(trees: number): number {
  return Math.ceil(trees / 2) * 8;
}

function checksum(bytes: Uint8Array): Uint8Array {
  return createHash('sha256')
    .update(bytes.subarray(0, CHECKSUM_AT))
    .update(bytes.subarray(HEADER_BYTES))
    .digest();
}

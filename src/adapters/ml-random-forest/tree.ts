import { NODE_BYTES } from '../../forest/forest-file.ts';
import { notThisModel, requireObject } from './mismatch.ts';

/** Nodes of one tree, laid out as {@link Forest} says. */
export interface FlatTree {
  /** Threshold or prediction of node i at [2i]. */
  readonly values: Float64Array;
  /** Right child of node i at [4i + 2], feature at [4i + 3]. */
  readonly words: Uint32Array;
}

/** A node as the package writes it: a leaf has a `distribution`; a row goes left when its value is `< splitValue`. */
export type MlNode =
  | { readonly distribution: number }
  | {
      readonly splitColumn: number;
      readonly splitValue: number;
      readonly left: MlNode;
      readonly right: MlNode;
    };

interface FlatNode {
  readonly value: number;
  readonly feature: number;
  right: number;
}

/**
 * Not recursive, because a tree can be as deep as its bag has rows.
 *
 * @param features that the tree drew: a node's column is an index into them
 * @throws ModelMismatch
 */
export function fromMlTree(root: unknown, features: readonly number[], where: string): FlatTree {
  const nodes: FlatNode[] = [];
  const waiting: { readonly json: unknown; readonly rightOf?: FlatNode }[] = [{ json: root }];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { distribution, splitColumn, splitValue, left, right } = requireObject(next.json, where, 'a node');
    if (next.rightOf) next.rightOf.right = nodes.length;
    if (distribution !== undefined) {
      nodes.push({ value: requireFinite(distribution, where, 'distribution'), feature: 0, right: 0 });
      continue;
    }
    const feature = typeof splitColumn === 'number' ? features[splitColumn] : undefined;
    if (feature === undefined) throw notThisModel(where, 'a splitColumn among its features', splitColumn);
    // x < t is x <= the next double down, for every x.
    const value = nextDown(requireFinite(splitValue, where, 'splitValue'));
    const node = { value, feature, right: 0 };
    nodes.push(node);
    waiting.push({ json: right, rightOf: node }, { json: left });
  }
  return toFlatTree(nodes);
}

function toFlatTree(nodes: readonly FlatNode[]): FlatTree {
  const bytes = new ArrayBuffer(nodes.length * NODE_BYTES);
  const tree = { values: new Float64Array(bytes), words: new Uint32Array(bytes) };
  nodes.forEach(({ value, right, feature }, i) => {
    tree.values[i * 2] = value;
    tree.words.set([right, feature], i * 4 + 2);
  });
  return tree;
}

/** @throws ModelMismatch when a threshold, the next double above it or a prediction cannot be written as JSON */
export function toMlTree({ values, words }: FlatTree, where: string): MlNode {
  const nodes: MlNode[] = [];
  // Children come after their parent.
  for (let i = values.length / 2 - 1; i >= 0; i -= 1) {
    const value = values[i * 2] as number;
    const right = words[i * 4 + 2] as number;
    nodes[i] =
      right === 0
        ? { distribution: requireFinite(value, where, 'prediction') }
        : {
            splitColumn: words[i * 4 + 3] as number,
            splitValue: requireFinite(nextUp(value), where, 'threshold'),
            left: nodes[i + 1] as MlNode,
            right: nodes[right] as MlNode,
          };
  }
  return nodes[0] as MlNode;
}

function requireFinite(value: unknown, where: string, name: string): number {
  if (!Number.isFinite(value)) throw notThisModel(where, `a finite ${name}`, value);
  return value as number;
}

const double = new Float64Array(1);
const bits = new BigInt64Array(double.buffer);

/** The smallest double above `x`; Infinity for Infinity. */
export function nextUp(x: number): number {
  if (x === 0) return Number.MIN_VALUE;
  if (x === Infinity || Number.isNaN(x)) return x;
  double[0] = x;
  // Doubles of one sign are ordered as the integers of their bits.
  bits[0] = (bits[0] as bigint) + (x > 0 ? 1n : -1n);
  return double[0];
}

/** The largest double below `x`; -Infinity for -Infinity. */
export function nextDown(x: number): number {
  return -nextUp(-x);
}

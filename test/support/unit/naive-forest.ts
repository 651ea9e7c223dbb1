/**
 * A reference for the histogram engine, written as in a textbook: objects, filters, one feature at a time. It is slow,
 * and short enough to check by reading. The kernel must grow the same trees, bit for bit.
 */
import type { TrainingSet } from '../../../src/activities/training/forest-engine.ts';
import type { TargetUnits } from '../../../src/forest/target-units.ts';

export interface NaiveParams {
  readonly seed: number;
  readonly maxDepth: number;
  readonly minLeafRows: number;
  readonly drawnFeatures: number;
}

export type NaiveTree =
  | { readonly value: number }
  | {
      readonly feature: number;
      readonly threshold: number;
      readonly left: NaiveTree;
      readonly right: NaiveTree;
    };

export interface Sample {
  readonly row: number;
  readonly units: number;
  readonly weight: number;
}

/** The samples of a node that a feature cannot tell apart: one value, or one bin of a large node. */
interface Group {
  readonly key: number;
  readonly sum: number;
  readonly weight: number;
}

interface Split {
  readonly score: number;
  readonly feature: number;
  /** The values, or the bins, on either side. */
  readonly lower: number;
  readonly upper: number;
  readonly threshold: number;
}

interface Column {
  readonly values: readonly number[];
  /** The largest value in each bin. */
  readonly uppers: readonly number[];
  /** By row, the largest value in its bin. */
  readonly bins: readonly number[];
}

/** Nodes with more distinct rows are searched by bins first. */
const EXACT_ROWS = 4096;
const MAX_BINS = 255;
const MASK = (1n << 64n) - 1n;

function mix(input: bigint): bigint {
  let z = input;
  z = ((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n) & MASK;
  z = ((z ^ (z >> 27n)) * 0x94d049bb133111ebn) & MASK;
  return z ^ (z >> 31n);
}

/** SplitMix64, a stream a tree. */
export function naiveDraws(seed: number, tree: number): (bound: number) => number {
  let state = mix((BigInt(seed) << 32n) | BigInt(tree));
  return (bound) => {
    state = (state + 0x9e3779b97f4a7c15n) & MASK;
    return Number(((mix(state) >> 32n) * BigInt(bound)) >> 32n);
  };
}

/** How often each row is in the bag of a tree, whose random numbers `draw` gives. */
export function naiveBag(rows: number, draw: (bound: number) => number): number[] {
  const counts = Array.from({ length: rows }, () => 0);
  for (let i = 0; i < rows; i += 1) {
    const row = draw(rows);
    counts[row] = (counts[row] as number) + 1;
  }
  return counts;
}

/** @returns a function that grows the tree of an index */
export function naiveForest(
  { columns, targets }: TrainingSet,
  { base, scale, units }: TargetUnits,
  { seed, maxDepth, minLeafRows, drawnFeatures }: NaiveParams,
): (tree: number) => NaiveTree {
  const prepared = columns.map((column) => prepare([...column]));

  return (tree) => {
    const draw = naiveDraws(seed, tree);
    const bag = naiveBag(targets.length, draw)
      .map((weight, row): Sample => ({ row, units: units[row] as number, weight }))
      .filter(({ weight }) => weight > 0);

    function grow(samples: readonly Sample[], depth: number): NaiveTree {
      const sum = samples.reduce((all, sample) => all + sample.units * sample.weight, 0);
      const weight = samples.reduce((all, sample) => all + sample.weight, 0);
      const leaf = { value: base + sum / weight / scale };
      const pure = samples.every((sample) => sample.units === samples[0]?.units);
      if (pure || depth >= maxDepth || weight < 2 * minLeafRows) return leaf;
      const large = samples.length > EXACT_ROWS;
      const binned = prepared.map(({ bins, values }) => groupBy(samples, large ? bins : values));
      const varying = columns.map((_, feature) => feature).filter((f) => (binned[f] as Group[]).length > 1);
      const drawn = drawFeatures(varying, drawnFeatures, draw);
      // Two rows have one boundary, and every feature that separates them is equally good: the kernel takes the first.
      const tried = samples.length === 2 ? drawn.slice(0, 1) : drawn;
      let best: Split | undefined;
      for (const feature of tried) {
        const column = prepared[feature] as Column;
        const groups = binned[feature] as Group[];
        if (!large) {
          best = tryAll(groups, feature, minLeafRows, best);
          continue;
        }
        // The best boundary between bins, then the best between the values of the two bins beside it.
        const coarse = tryAll(groups, feature, minLeafRows, undefined);
        if (!coarse) continue;
        const beside = (value: number): boolean =>
          [coarse.lower, coarse.upper].includes(column.uppers.find((upper) => value <= upper) as number);
        best = tryAll(groupBy(samples, column.values), feature, minLeafRows, best, beside);
      }
      if (!best) return leaf;
      const { feature, threshold } = best;
      const goesLeft = ({ row }: Sample): boolean => (columns[feature]?.[row] as number) <= threshold;
      // Left first: the features of the right side are drawn after all those of the left.
      const left = grow(samples.filter(goesLeft), depth + 1);
      const right = grow(
        samples.filter((sample) => !goesLeft(sample)),
        depth + 1,
      );
      return { feature, threshold, left, right };
    }
    return grow(bag, 0);
  };
}

function prepare(values: readonly number[]): Column {
  const sorted = [...values].sort((a, b) => a - b);
  const distinct = [...new Set(sorted)];
  const uppers = distinct.length <= MAX_BINS ? distinct : binUppers(sorted);
  const bins = values.map((value) => uppers.find((upper) => value <= upper) as number);
  return { values, uppers, bins };
}

/** Bins of about equally many rows; rows with the same value share a bin. */
function binUppers(sorted: readonly number[]): number[] {
  let closed = 0;
  return sorted.filter((value, i) => {
    const next = sorted[i + 1];
    if (next === undefined) return true;
    const quantile = Math.floor(((i + 1) * MAX_BINS) / sorted.length);
    if (value === next || quantile === closed) return false;
    closed = quantile;
    return true;
  });
}

/** @returns ascending by key */
function groupBy(samples: readonly Sample[], keys: readonly number[]): Group[] {
  const groups = new Map<number, { key: number; sum: number; weight: number }>();
  for (const { row, units, weight } of samples) {
    const key = keys[row] as number;
    const group = groups.get(key) ?? { key, sum: 0, weight: 0 };
    group.sum += units * weight;
    group.weight += weight;
    groups.set(key, group);
  }
  return [...groups.values()].sort((a, b) => a.key - b.key);
}

function drawFeatures(
  varying: readonly number[],
  drawn: number,
  draw: (bound: number) => number,
): readonly number[] {
  if (drawn >= varying.length) return varying;
  const pool = [...varying];
  return Array.from({ length: drawn }, (_, i) => {
    const j = i + draw(pool.length - i);
    [pool[i], pool[j]] = [pool[j] as number, pool[i] as number];
    return pool[i];
  });
}

/**
 * @param allowed whether a boundary may lie beside the value
 * @returns the best split of the feature if it is strictly better than the best so far
 */
function tryAll(
  groups: readonly Group[],
  feature: number,
  minLeafRows: number,
  bestSoFar: Split | undefined,
  allowed: (value: number) => boolean = () => true,
): Split | undefined {
  const sum = groups.reduce((all, group) => all + group.sum, 0);
  const weight = groups.reduce((all, group) => all + group.weight, 0);
  let best = bestSoFar;
  let leftSum = 0;
  let leftWeight = 0;
  groups.slice(0, -1).forEach((group, i) => {
    leftSum += group.sum;
    leftWeight += group.weight;
    if (leftWeight < minLeafRows || weight - leftWeight < minLeafRows) return;
    const upper = (groups[i + 1] as Group).key;
    if (!allowed(group.key) || !allowed(upper)) return;
    const deviation = leftSum * weight - sum * leftWeight;
    const score = (deviation * deviation) / (leftWeight * (weight - leftWeight));
    if (best && score <= best.score) return;
    best = { score, feature, lower: group.key, upper, threshold: between(group.key, upper) };
  });
  return best;
}

function between(lower: number, upper: number): number {
  const middle = lower * 0.5 + upper * 0.5;
  return middle >= lower && middle < upper ? middle : lower;
}

export function naiveTreeSize(tree: NaiveTree): number {
  return 'value' in tree ? 1 : 1 + naiveTreeSize(tree.left) + naiveTreeSize(tree.right);
}

export function naivePrediction(tree: NaiveTree, row: readonly number[]): number {
  if ('value' in tree) return tree.value;
  const { feature, threshold, left, right } = tree;
  return naivePrediction((row[feature] as number) <= threshold ? left : right, row);
}

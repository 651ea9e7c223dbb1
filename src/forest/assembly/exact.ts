/** Grows a subtree whose rows are kept sorted by every feature, so that every boundary between values is tried. */
import { bestAt, bestFeature, bestScore, bestSum, bestWeight, offer, resetBest } from './best-split';
import { cancelled, features, thresholdAfter } from './dataset';
import { drawFeatures } from './draw';
import { partition } from './partition';
import { entries, enterSegment, orderStride, ordersOf, rankOf, units } from './segment';
import { adopt, drawnFeatures, maxDepth, minLeafRows, NO_PARENT, writeLeaf, writeSplit } from './tree';

/** u16[levels][features]: the features that still vary, by level of the current path. */
let varying: usize = 0;
/** i32[levels] */
let varyingCounts: usize = 0;
/** u16[features] */
let drawn: usize = 0;
/** Pending nodes, 32 bytes each: u32 from, to, parent, level (the top bit: a leaf); f64 sum, weight. */
let stack: usize = 0;
let top: usize = 0;

const LEAF: u32 = 0x80000000;

export function useExactScratch(
  varyingAt: usize,
  varyingCountsAt: usize,
  drawnAt: usize,
  stackAt: usize,
): void {
  varying = varyingAt;
  varyingCounts = varyingCountsAt;
  drawn = drawnAt;
  stack = stackAt;
}

/**
 * @param whole the rows are the whole bag
 * @returns false when cancelled
 */
export function growExact(
  rowsAt: usize,
  count: i32,
  weights: usize,
  whole: bool,
  sum: f64,
  weight: f64,
  depth: i32,
  parent: u32,
): bool {
  enterSegment(rowsAt, count, weights, whole);
  for (let feature: i32 = 0; feature < features; ++feature)
    store<u16>(varying + ((<usize>feature) << 1), <u16>feature);
  store<i32>(varyingCounts, features);
  top = stack;
  push(0, count, parent, 0, sum, weight);
  while (top > stack) {
    if (cancelled()) return false;
    top -= 32;
    const tagged = load<u32>(top + 12);
    adopt(load<u32>(top + 8));
    if (tagged & LEAF) writeLeaf(load<f64>(top + 16), load<f64>(top + 24));
    else
      grow(load<i32>(top), load<i32>(top + 4), <i32>tagged, load<f64>(top + 16), load<f64>(top + 24), depth);
  }
  return true;
}

function push(from: i32, to: i32, parent: u32, level: u32, sum: f64, weight: f64): void {
  store<i32>(top, from);
  store<i32>(top + 4, to);
  store<u32>(top + 8, parent);
  store<u32>(top + 12, level);
  store<f64>(top + 16, sum);
  store<f64>(top + 24, weight);
  top += 32;
}

/** Splits the node of rows [from, to), or makes it a leaf when no split is allowed; pushes its children. */
function grow(from: i32, to: i32, level: i32, sum: f64, weight: f64, depth: i32): void {
  const at = ordersOf(level);
  const count = collectVarying(level, at, from, to);
  resetBest();
  if (count > 0) tryFeatures(level, count, at, from, to, sum, weight);
  if (bestFeature < 0) {
    writeLeaf(sum, weight);
    return;
  }
  const feature = bestFeature;
  const sorted = at + <usize>feature * orderStride;
  const middle = <i32>((bestAt - sorted) >> 1) + 1;
  const leftSum = bestSum;
  const leftWeight = bestWeight;
  const threshold = thresholdAfter(
    feature,
    rankOf(feature, load<u16>(bestAt)),
    rankOf(feature, load<u16>(bestAt + 2)),
  );
  const node = writeSplit(feature, threshold, bestScore, weight);
  const bottom = depth + level + 1 >= maxDepth;
  const leftLeaf = bottom || isLeaf(sorted, from, middle, leftWeight);
  const rightLeaf = bottom || isLeaf(sorted, middle, to, weight - leftWeight);
  if (!leftLeaf || !rightLeaf) {
    const list = varying + <usize>(level + 1) * ((<usize>features) << 1);
    partition(list, count, at, ordersOf(level + 1), feature, from, middle, to, !leftLeaf, !rightLeaf);
  }
  push(middle, to, node, (<u32>(level + 1)) | (rightLeaf ? LEAF : 0), sum - leftSum, weight - leftWeight);
  if (leftLeaf) writeLeaf(leftSum, leftWeight);
  else push(from, middle, NO_PARENT, <u32>(level + 1), leftSum, leftWeight);
}

function isLeaf(sorted: usize, from: i32, to: i32, weight: f64): bool {
  if (to - from == 1 || weight < minLeafRows * 2) return true;
  const first = load<f64>(units + ((<usize>load<u16>(sorted + ((<usize>from) << 1))) >> 1));
  for (let i = from + 1; i < to; ++i) {
    if (load<f64>(units + ((<usize>load<u16>(sorted + ((<usize>i) << 1))) >> 1)) != first) return false;
  }
  return true;
}

/** A feature that is constant here is constant in the whole subtree, which skips it. */
function collectVarying(level: i32, at: usize, from: i32, to: i32): i32 {
  const inherited = varying + <usize>level * ((<usize>features) << 1);
  const kept = inherited + ((<usize>features) << 1);
  const count = load<i32>(varyingCounts + ((<usize>level) << 2));
  let end = kept;
  for (let i: i32 = 0; i < count; ++i) {
    const feature = load<u16>(inherited + ((<usize>i) << 1));
    const sorted = at + <usize>feature * orderStride;
    const first = rankOf(feature, load<u16>(sorted + ((<usize>from) << 1)));
    const last = rankOf(feature, load<u16>(sorted + ((<usize>to) << 1) - 2));
    store<u16>(end, feature);
    end += first != last ? 2 : 0;
  }
  const kept_ = <i32>((end - kept) >> 1);
  store<i32>(varyingCounts + ((<usize>(level + 1)) << 2), kept_);
  return kept_;
}

function tryFeatures(level: i32, count: i32, at: usize, from: i32, to: i32, sum: f64, weight: f64): void {
  const list = drawFeatures(varying + <usize>(level + 1) * ((<usize>features) << 1), count, drawn);
  const tries = min(count, drawnFeatures);
  // Two rows have one boundary: the features that separate them gain the same but for rounding, so the first is taken.
  if (to - from == 2) {
    tryPair(load<u16>(list), load<u16>(list), at, from, to, sum, weight);
    return;
  }
  for (let i: i32 = 0; i < tries; i += 2) {
    if ((i & 255) == 254 && cancelled()) return;
    const first = load<u16>(list + ((<usize>i) << 1));
    const second = i + 1 < tries ? load<u16>(list + ((<usize>i) << 1) + 2) : first;
    tryPair(first, second, at, from, to, sum, weight);
  }
}

/** Tries all boundaries of two features at once, one feature per vector lane. */
function tryPair(first: i32, second: i32, at: usize, from: i32, to: i32, sum: f64, weight: f64): void {
  const entriesAt = entries;
  const sums = f64x2.splat(sum);
  const weights = f64x2.splat(weight);
  let a = at + <usize>first * orderStride + ((<usize>from) << 1);
  let b = at + <usize>second * orderStride + ((<usize>from) << 1);
  const end = a + ((<usize>(to - from - 1)) << 1);
  let leftA = f64x2.splat(0);
  let leftB = f64x2.splat(0);
  let bestA = bestScore;
  let bestB = bestScore;
  let bests = f64x2.splat(bestScore);
  let atA: usize = 0;
  let atB: usize = 0;
  let bestLeftA = leftA;
  let bestLeftB = leftB;
  while (a < end) {
    leftA = f64x2.add(leftA, v128.load(entriesAt + <usize>load<u16>(a)));
    leftB = f64x2.add(leftB, v128.load(entriesAt + <usize>load<u16>(b)));
    const leftSums = v128.shuffle<f64>(leftA, leftB, 0, 2);
    const leftWeights = v128.shuffle<f64>(leftA, leftB, 1, 3);
    const deviation = f64x2.sub(f64x2.mul(leftSums, weights), f64x2.mul(sums, leftWeights));
    const scores = f64x2.div(
      f64x2.mul(deviation, deviation),
      f64x2.mul(leftWeights, f64x2.sub(weights, leftWeights)),
    );
    if (v128.any_true(f64x2.gt(scores, bests))) {
      const scoreA = f64x2.extract_lane(scores, 0);
      if (scoreA > bestA && isBoundary(first, a, leftA, weight)) {
        bestA = scoreA;
        atA = a;
        bestLeftA = leftA;
      }
      const scoreB = f64x2.extract_lane(scores, 1);
      if (scoreB > bestB && isBoundary(second, b, leftB, weight)) {
        bestB = scoreB;
        atB = b;
        bestLeftB = leftB;
      }
      bests = f64x2.replace_lane(f64x2.splat(bestA), 1, bestB);
    }
    a += 2;
    b += 2;
  }
  if (atA != 0)
    offer(bestA, first, atA, 0, f64x2.extract_lane(bestLeftA, 0), f64x2.extract_lane(bestLeftA, 1));
  if (atB != 0)
    offer(bestB, second, atB, 0, f64x2.extract_lane(bestLeftB, 0), f64x2.extract_lane(bestLeftB, 1));
}

/** Between two different values, with enough rows on either side. */
function isBoundary(feature: i32, at: usize, left: v128, weight: f64): bool {
  const leftWeight = f64x2.extract_lane(left, 1);
  return (
    leftWeight >= minLeafRows &&
    weight - leftWeight >= minLeafRows &&
    rankOf(feature, load<u16>(at)) != rankOf(feature, load<u16>(at + 2))
  );
}

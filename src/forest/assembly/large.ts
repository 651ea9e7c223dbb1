/** Grows the nodes that are too large to keep sorted, by histograms, until `exact` takes over. */
import { bestAt, bestFeature, bestScore, bestSum, bestUpper, bestWeight, resetBest } from './best-split';
import { cancelled, EXACT_ROWS, features, ranks, rows, targets, thresholdAfter } from './dataset';
import { drawFeatures } from './draw';
import { growExact } from './exact';
import { chooseBin, histogramBytes, subtract, sumUp, varies } from './histogram';
import { refine } from './refine';
import { adopt, drawnFeatures, maxDepth, minLeafRows, NO_PARENT, writeLeaf, writeSplit } from './tree';

/** Address of the histogram of a node that needs none. */
const NONE: usize = 0;

/** (weight × target, weight) f64[rows][2] */
let weights: usize = 0;
/** u32[rows], for partitions */
let spare: usize = 0;
/** Histograms not in use, u32 addresses: a stack. */
let free: usize = 0;
let freeTop: usize = 0;
/** u16[features] each */
let varying: usize = 0;
let drawn: usize = 0;
/** Pending nodes, 48 bytes each: u32 from, to, parent, depth, histogram, leaf; f64 sum, weight. */
let stack: usize = 0;
let top: usize = 0;

export function useLargeScratch(
  spareAt: usize,
  freeAt: usize,
  histogramsAt: usize,
  histogramCount: i32,
  varyingAt: usize,
  drawnAt: usize,
  stackAt: usize,
): void {
  spare = spareAt;
  free = freeAt;
  freeTop = freeAt;
  for (let i: i32 = 0; i < histogramCount; ++i) release(histogramsAt + <usize>i * histogramBytes());
  varying = varyingAt;
  drawn = drawnAt;
  stack = stackAt;
}

/**
 * @param rowsAt u32[count], ascending; reordered
 * @returns false when cancelled
 */
export function growLarge(rowsAt: usize, count: i32, weightsAt: usize, sum: f64, weight: f64): bool {
  weights = weightsAt;
  const histogram = take();
  const end = rowsAt + ((<usize>count) << 2);
  sumUp(histogram, rowsAt, end, weights);
  top = stack;
  push(rowsAt, end, NO_PARENT, 0, histogram, false, sum, weight);
  while (top > stack) {
    if (cancelled()) break;
    top -= 48;
    if (!grow()) break;
  }
  const finished = top == stack && !cancelled();
  // A cancelled tree leaves histograms on its stack, which the next tree needs.
  for (; top > stack; top -= 48) release(<usize>load<u32>(top - 32));
  return finished;
}

/** The node just popped. */
function grow(): bool {
  const from = <usize>load<u32>(top);
  const to = <usize>load<u32>(top + 4);
  const parent = load<u32>(top + 8);
  const depth = load<i32>(top + 12);
  const histogram = <usize>load<u32>(top + 16);
  const leaf = load<u32>(top + 20) != 0;
  const sum = load<f64>(top + 24);
  const weight = load<f64>(top + 32);
  adopt(parent);
  if (leaf) {
    writeLeaf(sum, weight);
    return true;
  }
  if (histogram == NONE) {
    return growExact(from, <i32>((to - from) >> 2), weights, false, sum, weight, depth, NO_PARENT);
  }
  splitByBins(from, to, depth, histogram, sum, weight);
  return true;
}

function splitByBins(from: usize, to: usize, depth: i32, histogram: usize, sum: f64, weight: f64): void {
  let count: i32 = 0;
  for (let feature: i32 = 0; feature < features; ++feature) {
    if (!varies(histogram, feature)) continue;
    store<u16>(varying + ((<usize>count) << 1), <u16>feature);
    ++count;
  }
  resetBest();
  const list = drawFeatures(varying, count, drawn);
  for (let i: i32 = 0, tries = min(count, drawnFeatures); i < tries; ++i) {
    const feature = load<u16>(list + ((<usize>i) << 1));
    if (chooseBin(histogram, feature, sum, weight)) refine(feature, from, to, weights, sum, weight);
  }
  if (bestFeature < 0) {
    writeLeaf(sum, weight);
    release(histogram);
    return;
  }
  const threshold = thresholdAfter(bestFeature, <u32>bestAt, bestUpper);
  const node = writeSplit(bestFeature, threshold, bestScore, weight);
  const leftSum = bestSum;
  const leftWeight = bestWeight;
  const middle = partitionRows(from, to, bestFeature, bestUpper);
  const bottom = depth + 1 >= maxDepth;
  const leftLeaf = bottom || isLeaf(from, middle, leftWeight);
  const rightLeaf = bottom || isLeaf(middle, to, weight - leftWeight);
  const leftSize = middle - from;
  const rightSize = to - middle;
  const leftNeeds = !leftLeaf && leftSize > (<usize>EXACT_ROWS) << 2;
  const rightNeeds = !rightLeaf && rightSize > (<usize>EXACT_ROWS) << 2;
  // The smaller child is summed; the larger one is the parent minus the smaller.
  const leftIsSmaller = leftSize <= rightSize;
  const smallNeeds = leftIsSmaller ? leftNeeds : rightNeeds;
  const largeNeeds = leftIsSmaller ? rightNeeds : leftNeeds;
  let small = NONE;
  let large = NONE;
  if (smallNeeds || largeNeeds) {
    small = take();
    sumUp(small, leftIsSmaller ? from : middle, leftIsSmaller ? middle : to, weights);
    if (largeNeeds) {
      large = histogram;
      subtract(large, small);
    }
    if (!smallNeeds) {
      release(small);
      small = NONE;
    }
  }
  if (large == NONE) release(histogram);
  const leftHistogram = leftIsSmaller ? small : large;
  const rightHistogram = leftIsSmaller ? large : small;
  push(middle, to, node, depth + 1, rightHistogram, rightLeaf, sum - leftSum, weight - leftWeight);
  push(from, middle, NO_PARENT, depth + 1, leftHistogram, leftLeaf, leftSum, leftWeight);
}

/** Stable, so that rows stay ascending. @returns the start of the right side */
function partitionRows(from: usize, to: usize, feature: i32, upper: u32): usize {
  const column = ranks + ((<usize>feature * <usize>rows) << 2);
  let left = from;
  let right = spare;
  for (let at = from; at < to; at += 4) {
    const row = load<u32>(at);
    const goesRight: usize = load<u32>(column + ((<usize>row) << 2)) >= upper ? 4 : 0;
    store<u32>(left, row);
    store<u32>(right, row);
    left += 4 - goesRight;
    right += goesRight;
  }
  memory.copy(left, spare, right - spare);
  return left;
}

function isLeaf(from: usize, to: usize, weight: f64): bool {
  if (to - from == 4 || weight < minLeafRows * 2) return true;
  const first = load<f64>(targets + ((<usize>load<u32>(from)) << 3));
  for (let at = from + 4; at < to; at += 4) {
    if (load<f64>(targets + ((<usize>load<u32>(at)) << 3)) != first) return false;
  }
  return true;
}

function push(
  from: usize,
  to: usize,
  parent: u32,
  depth: i32,
  histogram: usize,
  leaf: bool,
  sum: f64,
  weight: f64,
): void {
  store<u32>(top, <u32>from);
  store<u32>(top + 4, <u32>to);
  store<u32>(top + 8, parent);
  store<i32>(top + 12, depth);
  store<u32>(top + 16, <u32>histogram);
  store<u32>(top + 20, leaf ? 1 : 0);
  store<f64>(top + 24, sum);
  store<f64>(top + 32, weight);
  top += 48;
}

function take(): usize {
  freeTop -= 4;
  return <usize>load<u32>(freeTop);
}

function release(histogram: usize): void {
  if (histogram == NONE) return;
  store<u32>(freeTop, <u32>histogram);
  freeTop += 4;
}

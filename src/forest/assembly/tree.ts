/** Shared by all nodes of the current tree: parameters, the nodes written so far, importances. */

export let maxDepth: i32 = 0;
/** Smallest number of rows of the bag, repeats counted, in a leaf. */
export let minLeafRows: f64 = 0;
/** How many varying features each split may choose from. */
export let drawnFeatures: i32 = 0;
let targetBase: f64 = 0;
let targetScale: f64 = 0;
/** 16 bytes per node, preorder: f64 threshold or prediction, u32 index of the right child or 0 in a leaf, u32 feature. */
let nodes: usize = 0;
/** f64[features]: decrease of the squared error, in squared target units, by feature. */
let importances: usize = 0;
export let nodeCount: u32 = 0;

export const NO_PARENT: u32 = 0xffffffff;

export function useParams(depth: i32, leafRows: f64, drawn: i32, base: f64, scale: f64): void {
  maxDepth = depth;
  minLeafRows = leafRows;
  drawnFeatures = drawn;
  targetBase = base;
  targetScale = scale;
}

export function useTree(nodesAt: usize, importancesAt: usize, features: i32): void {
  nodes = nodesAt;
  importances = importancesAt;
  nodeCount = 0;
  memory.fill(importancesAt, 0, (<usize>features) << 3);
}

/** A left child follows its parent; the index of a right child is written into it. */
export function adopt(parent: u32): void {
  if (parent != NO_PARENT) store<u32>(nodes + ((<usize>parent) << 4) + 8, nodeCount);
}

/** @param sum of the targets in units, times their weights */
export function writeLeaf(sum: f64, weight: f64): void {
  write(targetBase + sum / weight / targetScale, 0);
}

/** @returns the node's index, to link its right child */
export function writeSplit(feature: i32, threshold: f64, score: f64, weight: f64): u32 {
  const at = importances + ((<usize>feature) << 3);
  store<f64>(at, load<f64>(at) + score / weight);
  write(threshold, feature);
  return nodeCount - 1;
}

function write(value: f64, feature: i32): void {
  const node = nodes + ((<usize>nodeCount) << 4);
  store<f64>(node, value);
  store<u32>(node + 8, 0);
  store<u32>(node + 12, <u32>feature);
  ++nodeCount;
}

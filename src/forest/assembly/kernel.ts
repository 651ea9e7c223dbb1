/** The exports of the forest kernel. `../memory/` lays out the addresses. */
import { collectBag, drawBag } from './bag';
import { EXACT_ROWS, features, rows, targets } from './dataset';
import { growExact } from './exact';
import { growLarge } from './large';
import { maxDepth, minLeafRows, NO_PARENT, nodeCount, useTree, writeLeaf } from './tree';

export { useDataset } from './dataset';
export { useExactScratch } from './exact';
export { useLargeScratch } from './large';
export { usePartitionScratch } from './partition';
export { prepareColumn } from './prepare';
export { useRefineScratch } from './refine';
export { addOutOfBag, linkTree, predict } from './score';
export { useSegmentScratch } from './segment';
export { useParams } from './tree';

let counts: usize = 0;
let bag: usize = 0;
let weights: usize = 0;

/** u32[rows], u32[rows + 1], f64[rows][2] */
export function useBagScratch(countsAt: usize, bagAt: usize, weightsAt: usize): void {
  counts = countsAt;
  bag = bagAt;
  weights = weightsAt;
}

/**
 * @param nodes       16 bytes each, room for two per row
 * @param importances f64[features], overwritten: decrease of the squared error by feature
 * @returns number of nodes, or −1 when cancelled
 */
export function growTree(seed: u32, tree: u32, nodes: usize, importances: usize): i32 {
  useTree(nodes, importances, features);
  drawBag(seed, tree, rows, counts);
  const count = collectBag(counts, bag, weights);
  let sum: f64 = 0;
  let pure = true;
  const first = load<f64>(targets + ((<usize>load<u32>(bag)) << 3));
  for (let i: usize = 0; i < <usize>count; ++i) {
    const row = <usize>load<u32>(bag + (i << 2));
    sum += load<f64>(weights + (row << 4));
    if (load<f64>(targets + (row << 3)) != first) pure = false;
  }
  const weight = <f64>rows;
  if (pure || maxDepth == 0 || weight < minLeafRows * 2) writeLeaf(sum, weight);
  else if (count <= EXACT_ROWS) {
    if (!growExact(bag, count, weights, true, sum, weight, 0, NO_PARENT)) return -1;
  } else if (!growLarge(bag, count, weights, sum, weight)) return -1;
  return <i32>nodeCount;
}

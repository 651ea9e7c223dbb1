/** The bootstrap sample of a tree: as many draws with replacement as there are rows. */
import { rows, targets } from './dataset';
import { nextBelow, seedTree } from './random';

/**
 * Seeds the tree's stream and draws its bag.
 * @param counts u32[rows], overwritten: how often each row was drawn
 */
export function drawBag(seed: u32, tree: u32, rowCount: i32, counts: usize): void {
  memory.fill(counts, 0, (<usize>rowCount) << 2);
  seedTree(seed, tree);
  for (let draw: i32 = 0; draw < rowCount; ++draw) {
    const at = counts + ((<usize>nextBelow(<u32>rowCount)) << 2);
    store<u32>(at, load<u32>(at) + 1);
  }
}

/**
 * @param bag     u32[rows], overwritten: the distinct rows, ascending
 * @param weights (weight × target, weight) f64[rows][2], overwritten for rows in the bag
 * @returns number of distinct rows
 */
export function collectBag(counts: usize, bag: usize, weights: usize): i32 {
  let end = bag;
  for (let row: usize = 0, n = <usize>rows; row < n; ++row) {
    const weight = <f64>load<u32>(counts + (row << 2));
    store<u32>(end, <u32>row);
    store<f64>(weights + (row << 4), weight * load<f64>(targets + (row << 3)));
    store<f64>(weights + (row << 4) + 8, weight);
    end += weight > 0 ? 4 : 0;
  }
  return <i32>((end - bag) >> 2);
}

/**
 * Walks eight rows through a tree at a time: while one walk waits for memory, the others continue.
 *
 * A linked tree stores the two children of a node side by side: f64 threshold, u32 address of the left child, u32 byte
 * offset of the feature in a row. A leaf's feature is the NaN that ends each row, and its "left child" is the node before
 * it: NaN is not `<=` anything, so a walk at a leaf goes right and stays there.
 */
import { drawBag } from './bag';

/**
 * Links a tree of the file format.
 * @param linked nodes[count + 1], overwritten: the first is empty, so that pairs share cache lines
 * @param places scratch, u32[count]
 * @returns address of the root
 */
export function linkTree(tree: usize, count: i32, features: i32, linked: usize, places: usize): usize {
  let free = linked + 32;
  store<u32>(places, <u32>(linked + 16));
  for (let i: usize = 0; i < <usize>count; ++i) {
    const node = tree + (i << 4);
    const right = <usize>load<u32>(node + 8);
    const to = <usize>load<u32>(places + (i << 2));
    store<f64>(to, load<f64>(node));
    store<u32>(to + 8, <u32>(right ? free : to - 16));
    store<u32>(to + 12, (right ? load<u32>(node + 12) : <u32>features) << 3);
    if (!right) continue;
    store<u32>(places + ((i + 1) << 2), <u32>free);
    store<u32>(places + (right << 2), <u32>(free + 16));
    free += 32;
  }
  return linked + 16;
}

/** Without a branch, because half of the branches would be mispredicted. */
function step(node: usize, x: usize): usize {
  const goesLeft = <usize>(load<f64>(x + <usize>load<u32>(node + 12)) <= load<f64>(node));
  return <usize>load<u32>(node + 8) + ((goesLeft ^ 1) << 4);
}

function walk(tree: usize, x: usize): f64 {
  let node = tree;
  let next = step(node, x);
  while (next != node) {
    node = next;
    next = step(node, x);
  }
  return load<f64>(node);
}

function addTo(at: usize, value: f64): void {
  store<f64>(at, load<f64>(at) + value);
}

/**
 * Adds the tree's prediction of eight rows to their sums.
 * @param x0 to x7: addresses of the rows; s0 to s7: of their sums
 */
function addEight(
  tree: usize,
  x0: usize,
  x1: usize,
  x2: usize,
  x3: usize,
  x4: usize,
  x5: usize,
  x6: usize,
  x7: usize,
  s0: usize,
  s1: usize,
  s2: usize,
  s3: usize,
  s4: usize,
  s5: usize,
  s6: usize,
  s7: usize,
): void {
  let n0 = tree;
  let n1 = tree;
  let n2 = tree;
  let n3 = tree;
  let n4 = tree;
  let n5 = tree;
  let n6 = tree;
  let n7 = tree;
  let moved: usize;
  do {
    n0 = step(n0, x0);
    n1 = step(n1, x1);
    n2 = step(n2, x2);
    n3 = step(n3, x3);
    n4 = step(n4, x4);
    n5 = step(n5, x5);
    n6 = step(n6, x6);
    n7 = step(n7, x7);
    const m0 = step(n0, x0);
    const m1 = step(n1, x1);
    const m2 = step(n2, x2);
    const m3 = step(n3, x3);
    const m4 = step(n4, x4);
    const m5 = step(n5, x5);
    const m6 = step(n6, x6);
    const m7 = step(n7, x7);
    moved = (m0 ^ n0) | (m1 ^ n1) | (m2 ^ n2) | (m3 ^ n3) | (m4 ^ n4) | (m5 ^ n5) | (m6 ^ n6) | (m7 ^ n7);
    n0 = m0;
    n1 = m1;
    n2 = m2;
    n3 = m3;
    n4 = m4;
    n5 = m5;
    n6 = m6;
    n7 = m7;
  } while (moved);
  addTo(s0, load<f64>(n0));
  addTo(s1, load<f64>(n1));
  addTo(s2, load<f64>(n2));
  addTo(s3, load<f64>(n3));
  addTo(s4, load<f64>(n4));
  addTo(s5, load<f64>(n5));
  addTo(s6, load<f64>(n6));
  addTo(s7, load<f64>(n7));
}

/**
 * Adds the linked tree's prediction of some rows to their sums.
 * @param chosen u32[count]: the rows
 * @param width  bytes per row
 */
function addTree(tree: usize, chosen: usize, count: i32, x: usize, width: usize, sums: usize): void {
  const end = chosen + ((<usize>count) << 2);
  let at = chosen;
  for (; at + 32 <= end; at += 32) {
    const r0 = <usize>load<u32>(at);
    const r1 = <usize>load<u32>(at + 4);
    const r2 = <usize>load<u32>(at + 8);
    const r3 = <usize>load<u32>(at + 12);
    const r4 = <usize>load<u32>(at + 16);
    const r5 = <usize>load<u32>(at + 20);
    const r6 = <usize>load<u32>(at + 24);
    const r7 = <usize>load<u32>(at + 28);
    addEight(
      tree,
      x + r0 * width,
      x + r1 * width,
      x + r2 * width,
      x + r3 * width,
      x + r4 * width,
      x + r5 * width,
      x + r6 * width,
      x + r7 * width,
      sums + (r0 << 3),
      sums + (r1 << 3),
      sums + (r2 << 3),
      sums + (r3 << 3),
      sums + (r4 << 3),
      sums + (r5 << 3),
      sums + (r6 << 3),
      sums + (r7 << 3),
    );
  }
  for (; at < end; at += 4) {
    const row = <usize>load<u32>(at);
    addTo(sums + (row << 3), walk(tree, x + row * width));
  }
}

/**
 * Means over the trees, summed in the order of the trees.
 * @param starts u32[trees]: address of each linked tree
 * @param x      f64[rows][features + 1], each row ending in NaN
 * @param chosen u32[rows], overwritten
 * @param out    f64[rows], overwritten
 */
export function predict(
  starts: usize,
  trees: i32,
  x: usize,
  features: i32,
  rows: i32,
  chosen: usize,
  out: usize,
): void {
  memory.fill(out, 0, (<usize>rows) << 3);
  for (let row: usize = 0; row < <usize>rows; ++row) store<u32>(chosen + (row << 2), <u32>row);
  const width = (<usize>(features + 1)) << 3;
  for (let i: usize = 0; i < <usize>trees; ++i) {
    addTree(<usize>load<u32>(starts + (i << 2)), chosen, rows, x, width, out);
  }
  for (let row: usize = 0; row < <usize>rows; ++row) {
    store<f64>(out + (row << 3), load<f64>(out + (row << 3)) / <f64>trees);
  }
}

/**
 * Adds the predictions of one linked tree for the rows of [from, to) that its bag lacks.
 * @param counts scratch, u32[all rows]
 * @param chosen scratch, u32[to − from + 1]
 * @param sums   f64[all rows]
 * @param votes  u32[all rows]
 */
export function addOutOfBag(
  tree: usize,
  seed: u32,
  index: u32,
  x: usize,
  features: i32,
  allRows: i32,
  from: i32,
  to: i32,
  counts: usize,
  chosen: usize,
  sums: usize,
  votes: usize,
): void {
  drawBag(seed, index, allRows, counts);
  let end = chosen;
  for (let row = <usize>from; row < <usize>to; ++row) {
    const unseen: u32 = load<u32>(counts + (row << 2)) ? 0 : 1;
    store<u32>(end, <u32>row);
    store<u32>(votes + (row << 2), load<u32>(votes + (row << 2)) + unseen);
    end += (<usize>unseen) << 2;
  }
  addTree(tree, chosen, <i32>((end - chosen) >> 2), x, (<usize>(features + 1)) << 3, sums);
}

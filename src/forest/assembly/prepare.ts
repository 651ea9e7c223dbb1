/** Sorts a column once, for all trees: ranks, distinct values, and bins for the large nodes. */
import {
  bins,
  binCounts,
  binUpperRanks,
  cancelled,
  columns,
  distinct,
  distinctCounts,
  features,
  MAX_BINS,
  order,
  ranks,
  rows,
} from './dataset';

const SIGN: u64 = 0x8000000000000000;

/** Bits that compare as unsigned integers in the order of the numbers. */
function sortable(value: f64): u64 {
  const bits = reinterpret<u64>(value);
  return bits & SIGN ? ~bits : bits | SIGN;
}

function fromSortable(key: u64): f64 {
  return reinterpret<f64>(key & SIGN ? key ^ SIGN : ~key);
}

/** @param scratch 32 bytes per row, and 4 kB */
export function prepareColumn(feature: i32, scratch: usize): bool {
  const n = <usize>rows;
  const column = columns + ((<usize>feature * n) << 3);
  let from = scratch;
  let to = scratch + (n << 4);
  const counts = scratch + (n << 5);
  for (let row: usize = 0; row < n; ++row) {
    // + 0, because negative zero equals zero and must sort as zero.
    store<u64>(from + (row << 4), sortable(load<f64>(column + (row << 3)) + 0.0));
    store<u64>(from + (row << 4) + 8, <u64>row);
  }
  // Least significant byte first; a byte that all keys share is skipped.
  for (let shift: u64 = 0; shift < 64; shift += 8) {
    if (cancelled()) return false;
    memory.fill(counts, 0, 1024);
    for (let i: usize = 0; i < n; ++i) {
      const at = counts + ((<usize>((load<u64>(from + (i << 4)) >> shift) & 0xff)) << 2);
      store<u32>(at, load<u32>(at) + 1);
    }
    if (load<u32>(counts + ((<usize>((load<u64>(from) >> shift) & 0xff)) << 2)) == <u32>n) continue;
    let sum: u32 = 0;
    for (let digit: usize = 0; digit < 256; ++digit) {
      const count = load<u32>(counts + (digit << 2));
      store<u32>(counts + (digit << 2), sum);
      sum += count;
    }
    for (let i: usize = 0; i < n; ++i) {
      const at = counts + ((<usize>((load<u64>(from + (i << 4)) >> shift) & 0xff)) << 2);
      const slot = load<u32>(at);
      store<u32>(at, slot + 1);
      v128.store(to + ((<usize>slot) << 4), v128.load(from + (i << 4)));
    }
    const swap = from;
    from = to;
    to = swap;
  }
  rankColumn(feature, from);
  if (bins != 0) binColumn(feature, from);
  return true;
}

/** @param sorted (key u64, row u64)[rows] */
function rankColumn(feature: i32, sorted: usize): void {
  const n = <usize>rows;
  const values = distinct + ((<usize>feature * n) << 3);
  const columnRanks = ranks + ((<usize>feature * n) << 2);
  const columnOrder = order + ((<usize>feature * n) << 1);
  let previous: u64 = load<u64>(sorted);
  let rank: u32 = 0;
  store<f64>(values, fromSortable(previous));
  for (let i: usize = 0; i < n; ++i) {
    const key = load<u64>(sorted + (i << 4));
    const row = <u32>load<u64>(sorted + (i << 4) + 8);
    if (key != previous) {
      previous = key;
      ++rank;
      store<f64>(values + ((<usize>rank) << 3), fromSortable(key));
    }
    store<u32>(columnRanks + ((<usize>row) << 2), rank);
    if (order != 0) store<u16>(columnOrder + (i << 1), <u16>row);
  }
  store<u32>(distinctCounts + ((<usize>feature) << 2), rank + 1);
}

/** One bin per distinct value if they are few enough, else bins of about equally many rows. */
function binColumn(feature: i32, sorted: usize): void {
  const n = <usize>rows;
  const columnRanks = ranks + ((<usize>feature * n) << 2);
  const uppers = binUpperRanks + ((<usize>feature) << 10);
  const few = load<u32>(distinctCounts + ((<usize>feature) << 2)) <= <u32>MAX_BINS;
  let bin: u32 = 0;
  let closed: u64 = 0;
  for (let i: usize = 0; i < n; ++i) {
    const row = <usize>load<u64>(sorted + (i << 4) + 8);
    const rank = load<u32>(columnRanks + (row << 2));
    store<u8>(bins + row * <usize>features + <usize>feature, <u8>bin);
    if (i + 1 == n) {
      store<u32>(uppers + ((<usize>bin) << 2), rank);
      break;
    }
    const nextRow = <usize>load<u64>(sorted + ((i + 1) << 4) + 8);
    if (load<u32>(columnRanks + (nextRow << 2)) == rank) continue;
    const quantile = (<u64>(i + 1) * <u64>MAX_BINS) / <u64>n;
    if (!few && quantile <= closed) continue;
    store<u32>(uppers + ((<usize>bin) << 2), rank);
    closed = quantile;
    ++bin;
  }
  store<u32>(binCounts + ((<usize>feature) << 2), bin + 1);
}

/** The rows of an exact node and its descendants: their order by feature, and the values to sum. */
import { distinctCounts, features, order, ranks, rows } from './dataset';

/** u32[count]: the rows, ascending. */
let segmentRows: usize = 0;
/** (weight × target, weight) f64[count][2]; an offset in an order is an entry's place in bytes. */
export let entries: usize = 0;
/** f64[count] */
export let units: usize = 0;
/** Two buffers of u16[features][count + padding]: a level reads one and writes the other. */
let orders: usize = 0;
/** Bytes from a feature's order to the next feature's. */
export let orderStride: usize = 0;
let bufferStride: usize = 0;
/** u64[2][EXACT_ROWS], then u32[2048] */
let sortScratch: usize = 0;
/** u16[rows]: place of a row in the segment, in bytes; only for presorted roots. */
let places: usize = 0;

const DIGIT_BITS: u32 = 11;
/** Keeps vectors whole, and columns out of each other's cache sets. */
const PADDING: usize = 192;

export function useSegmentScratch(
  entriesAt: usize,
  unitsAt: usize,
  ordersAt: usize,
  sortScratchAt: usize,
  placesAt: usize,
): void {
  entries = entriesAt;
  units = unitsAt;
  orders = ordersAt;
  sortScratch = sortScratchAt;
  places = placesAt;
}

/** The orders that nodes of this level read; their children's are {@link ordersOf}(level + 1). */
export function ordersOf(level: i32): usize {
  return level & 1 ? orders + bufferStride : orders;
}

export function rankOf(feature: i32, offset: u32): u32 {
  const row = load<u32>(segmentRows + ((<usize>offset) >> 2));
  return load<u32>(ranks + ((<usize>feature * <usize>rows + <usize>row) << 2));
}

/** @param weights (weight × target, weight) by row */
export function enterSegment(rowsAt: usize, count: i32, weights: usize, whole: bool): void {
  segmentRows = rowsAt;
  orderStride = (((<usize>count) << 1) + PADDING) & ~63;
  bufferStride = orderStride * <usize>features + 64;
  for (let i: usize = 0; i < <usize>count; ++i) {
    const weighted = v128.load(weights + ((<usize>load<u32>(rowsAt + (i << 2))) << 4));
    v128.store(entries + (i << 4), weighted);
    store<f64>(units + (i << 3), f64x2.extract_lane(weighted, 0) / f64x2.extract_lane(weighted, 1));
  }
  if (whole && order != 0) filterOrders(weights, count);
  else for (let feature: i32 = 0; feature < features; ++feature) sortFeature(feature, count);
}

/** For a bag that is one segment: the column's order without the rows that were not drawn. */
function filterOrders(weights: usize, count: i32): void {
  for (let i: usize = 0; i < <usize>count; ++i) {
    store<u16>(places + ((<usize>load<u32>(segmentRows + (i << 2))) << 1), <u16>(i << 4));
  }
  for (let feature: usize = 0; feature < <usize>features; ++feature) {
    const column = order + ((feature * <usize>rows) << 1);
    let to = orders + feature * orderStride;
    for (let i: usize = 0; i < <usize>rows; ++i) {
      const row = <usize>load<u16>(column + (i << 1));
      store<u16>(to, load<u16>(places + (row << 1)));
      to += load<f64>(weights + (row << 4) + 8) > 0 ? 2 : 0;
    }
  }
}

/** Radix sort by (rank, row), least significant digit first. */
function sortFeature(feature: i32, count: i32): void {
  const n = <usize>count;
  const bits = 32 - clz(load<u32>(distinctCounts + ((<usize>feature) << 2)) - 1);
  const passes = max<u32>(1, (bits + DIGIT_BITS - 1) / DIGIT_BITS);
  const digitBits = max<u32>(1, (bits + passes - 1) / passes);
  const mask: u64 = (1 << digitBits) - 1;
  const counts = sortScratch + (4096 << 4);
  let from = sortScratch;
  let to = sortScratch + (4096 << 3);
  const columnRanks = ranks + ((<usize>feature * <usize>rows) << 2);
  for (let i: usize = 0; i < n; ++i) {
    const rank = load<u32>(columnRanks + ((<usize>load<u32>(segmentRows + (i << 2))) << 2));
    store<u64>(from + (i << 3), ((<u64>rank) << 16) | (<u64>(i << 4)));
  }
  for (let pass: u32 = 0; pass < passes; ++pass) {
    const shift: u64 = <u64>(16 + pass * digitBits);
    memory.fill(counts, 0, (<usize>4) << digitBits);
    for (let i: usize = 0; i < n; ++i) {
      const at = counts + ((<usize>((load<u64>(from + (i << 3)) >> shift) & mask)) << 2);
      store<u32>(at, load<u32>(at) + 1);
    }
    let sum: u32 = 0;
    for (let digit: usize = 0; digit <= <usize>mask; ++digit) {
      const size = load<u32>(counts + (digit << 2));
      store<u32>(counts + (digit << 2), sum);
      sum += size;
    }
    for (let i: usize = 0; i < n; ++i) {
      const key = load<u64>(from + (i << 3));
      const at = counts + ((<usize>((key >> shift) & mask)) << 2);
      const slot = load<u32>(at);
      store<u32>(at, slot + 1);
      store<u64>(to + ((<usize>slot) << 3), key);
    }
    const swap = from;
    from = to;
    to = swap;
  }
  const sorted = orders + <usize>feature * orderStride;
  for (let i: usize = 0; i < n; ++i) store<u16>(sorted + (i << 1), <u16>load<u64>(from + (i << 3)));
}

/** Splits a node's sorted orders between its children, without branches that depend on the data. */
import { entries, orderStride } from './segment';

/** u8[EXACT_ROWS]: 1 for rows that go left. */
let sides: usize = 0;

export function usePartitionScratch(sidesAt: usize): void {
  sides = sidesAt;
}

/**
 * Splits [begin, end) of each listed feature's order at `middle`, stably, from one buffer to the other.
 * A leaf needs no order, so its side of the buffer may hold garbage, within the node's own range.
 */
export function partition(
  list: usize,
  count: i32,
  from: usize,
  to: usize,
  splitFeature: i32,
  begin: i32,
  middle: i32,
  end: i32,
  needLeft: bool,
  needRight: bool,
): void {
  const sorted = from + <usize>splitFeature * orderStride;
  for (let i = begin; i < middle; ++i)
    store<u8>(sides + ((<usize>load<u16>(sorted + ((<usize>i) << 1))) >> 4), 1);
  for (let i = middle; i < end; ++i)
    store<u8>(sides + ((<usize>load<u16>(sorted + ((<usize>i) << 1))) >> 4), 0);
  const first = needLeft ? begin : middle;
  const last = needRight ? end : middle;
  for (let i: i32 = 0; i < count; ++i) {
    const feature = <i32>load<u16>(list + ((<usize>i) << 1));
    const source = from + <usize>feature * orderStride;
    const target = to + <usize>feature * orderStride;
    if (feature == splitFeature) {
      const start = (<usize>first) << 1;
      for (let at = start; at < (<usize>last) << 1; at += 2) store<u16>(target + at, load<u16>(source + at));
    } else if (needLeft && needRight) both(source, target, begin, middle, end);
    else if (needLeft) leftOnly(source, target, begin, end);
    else rightOnly(source, target, begin, end);
  }
}

function both(source: usize, target: usize, begin: i32, middle: i32, end: i32): void {
  const sidesAt = sides;
  let left = target + ((<usize>begin) << 1);
  let right = target + ((<usize>middle) << 1);
  const stop = source + ((<usize>end) << 1);
  for (let at = source + ((<usize>begin) << 1); at < stop; at += 2) {
    const offset = load<u16>(at);
    const side = (<usize>load<u8>(sidesAt + ((<usize>offset) >> 4))) << 1;
    store<u16>(side ? left : right, offset);
    left += side;
    right += 2 - side;
  }
}

function leftOnly(source: usize, target: usize, begin: i32, end: i32): void {
  const sidesAt = sides;
  let left = target + ((<usize>begin) << 1);
  const stop = source + ((<usize>end) << 1);
  for (let at = source + ((<usize>begin) << 1); at < stop; at += 2) {
    const offset = load<u16>(at);
    store<u16>(left, offset);
    left += (<usize>load<u8>(sidesAt + ((<usize>offset) >> 4))) << 1;
  }
}

/** Backwards, so that the one surplus write falls on the leaf's side. */
function rightOnly(source: usize, target: usize, begin: i32, end: i32): void {
  const sidesAt = sides;
  let right = target + ((<usize>end) << 1) - 2;
  const stop = source + ((<usize>begin) << 1);
  for (let at = source + ((<usize>end) << 1) - 2; at >= stop; at -= 2) {
    const offset = load<u16>(at);
    store<u16>(right, offset);
    right -= 2 - ((<usize>load<u8>(sidesAt + ((<usize>offset) >> 4))) << 1);
  }
}

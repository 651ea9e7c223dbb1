/** Digits of so many bits: 65,536 counters, and two passes for numbers below 2^32. */
const DIGIT_BITS = 16;
const DIGITS = 2 ** DIGIT_BITS;

/**
 * The positions of a column's values in ascending order; equal values keep their order (radix sort). Sorting by a second
 * column, then by the first, sorts by both.
 *
 * @param values integers whose range is below 2^53; NaN counts as 0
 * @param order positions to start from, all if left out; its array is not changed
 * @param pause awaited between passes, each some 10 ms for a million values
 */
export async function sortedOrder(
  values: Float64Array | Int32Array,
  pause: () => Promise<void>,
  order: Int32Array = positionsOf(values),
): Promise<Int32Array> {
  let from: Int32Array = order;
  let to: Int32Array = new Int32Array(order.length);
  const { low, high } = rangeOf(values);
  for (let unit = 1; unit <= high - low; unit *= DIGITS) {
    await pause();
    distribute({ values, low, unit }, from, to);
    const unused = from === order ? new Int32Array(order.length) : from;
    from = to;
    to = unused;
  }
  return from;
}

/** The values at some positions, in their order. */
export function gather<Column extends Float64Array | Int32Array>(
  column: Column,
  positions: Int32Array,
): Column {
  const { length } = positions;
  const taken = column instanceof Int32Array ? new Int32Array(length) : new Float64Array(length);
  for (let i = 0; i < length; i += 1) taken[i] = column[positions[i] as number] as number;
  return taken as Column;
}

function positionsOf({ length }: ArrayLike<number>): Int32Array {
  const positions = new Int32Array(length);
  for (let i = 0; i < length; i += 1) positions[i] = i;
  return positions;
}

interface Digit {
  readonly values: Float64Array | Int32Array;
  readonly low: number;
  readonly unit: number;
}

/** One stable pass over the digit of each value. */
function distribute({ values, low, unit }: Digit, from: Int32Array, to: Int32Array): void {
  const digitOf = (position: number): number => Math.floor((orZero(values[position]) - low) / unit) % DIGITS;
  const starts = new Uint32Array(DIGITS + 1);
  for (const position of from) {
    const next = digitOf(position) + 1;
    starts[next] = (starts[next] as number) + 1;
  }
  for (let digit = 1; digit < DIGITS; digit += 1) {
    starts[digit] = (starts[digit] as number) + (starts[digit - 1] as number);
  }
  for (const position of from) {
    const digit = digitOf(position);
    const place = starts[digit] as number;
    to[place] = position;
    starts[digit] = place + 1;
  }
}

function rangeOf(values: Float64Array | Int32Array): { low: number; high: number } {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    low = Math.min(low, orZero(value));
    high = Math.max(high, orZero(value));
  }
  return { low, high };
}

function orZero(value = 0): number {
  return Number.isNaN(value) ? 0 : value;
}

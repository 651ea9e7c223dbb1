const double = new Float64Array(1);
const bits = new BigInt64Array(double.buffer);

/** The smallest double above `x`; Infinity is its own. */
export function nextUp(x: number): number {
  if (x === 0) return Number.MIN_VALUE;
  if (x === Infinity || Number.isNaN(x)) return x;
  double[0] = x;
  // Doubles of one sign are ordered as the integers of their bits.
  bits[0] = (bits[0] as bigint) + (x > 0 ? 1n : -1n);
  return double[0];
}

/** The largest double below `x`; -Infinity is its own. */
export function nextDown(x: number): number {
  return -nextUp(-x);
}

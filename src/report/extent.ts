/** The smallest and the largest of values, of which there may be too many to spread; of none: 0 and 0. */
export function extentOf(values: readonly number[]): readonly [low: number, high: number] {
  const [first = 0] = values;
  let low = first;
  let high = first;
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return [low, high];
}

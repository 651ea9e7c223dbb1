/** Values that are sorted or merged without a pause: some milliseconds. */
const SLICE = 65_536;

/**
 * Sorts numbers, NaN excepted, in slices: a timer can run in every `pause`.
 *
 * @param values is overwritten
 * @returns the numbers, growing
 */
export async function sortInSlices(values: Float64Array, pause: () => Promise<void>): Promise<Float64Array> {
  for (let from = 0; from < values.length; from += SLICE) {
    values.subarray(from, from + SLICE).sort();
    await pause();
  }
  let sorted = values;
  let target = values.length > SLICE ? new Float64Array(values.length) : values;
  for (let width = SLICE; width < values.length; width *= 2) {
    for (let from = 0; from < values.length; from += 2 * width) {
      await merge(sorted, target, from, width, pause);
    }
    [sorted, target] = [target, sorted];
  }
  return sorted;
}

/** Merges two sorted runs of `width` values, the second of which may be shorter or absent. */
async function merge(
  source: Float64Array,
  target: Float64Array,
  from: number,
  width: number,
  pause: () => Promise<void>,
): Promise<void> {
  const middle = Math.min(from + width, source.length);
  const end = Math.min(from + 2 * width, source.length);
  let left = from;
  let right = middle;
  for (let start = from; start < end; start += SLICE) {
    const stop = Math.min(start + SLICE, end);
    for (let at = start; at < stop; at += 1) {
      const isLeft =
        right === end || (left < middle && (source[left] as number) <= (source[right] as number));
      target[at] = source[isLeft ? left++ : right++] as number;
    }
    await pause();
  }
}

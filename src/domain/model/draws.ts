/** Mulberry32: 32 bits of state are enough for shuffles and resamples. @returns draws from 0 to `bound` - 1 */
export function createDraws(seed: number, stream: number): (bound: number) => number {
  let state = (seed ^ Math.imul(stream + 1, 0x9e3779b1)) | 0;
  return (bound) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * bound);
  };
}

/**
 * A simple random sample without replacement, in ascending order; all rows if there are no more than `most`
 * (Knuth's algorithm S).
 *
 * @param rows number of rows to choose from
 * @returns row positions
 */
export function drawRows(rows: number, most: number, seed: number, stream: number): Int32Array {
  const draw = createDraws(seed, stream);
  const drawn = new Int32Array(Math.min(rows, most));
  let taken = 0;
  for (let row = 0; taken < drawn.length; row += 1) {
    const wanted = drawn.length - taken;
    if (wanted === rows - row || draw(rows - row) < wanted) {
      drawn[taken] = row;
      taken += 1;
    }
  }
  return drawn;
}

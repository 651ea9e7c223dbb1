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

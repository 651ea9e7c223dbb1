/** SplitMix64 (Steele, Lea, Flood 2014): one stream per tree. */
let state: u64 = 0;

function mix(z: u64): u64 {
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

/** The stream depends on seed and tree alone. */
export function seedTree(seed: u32, tree: u32): void {
  state = mix(((<u64>seed) << 32) | (<u64>tree));
}

/** Uniform in [0, bound), by multiplication; the bias is below bound / 2³². */
export function nextBelow(bound: u32): u32 {
  state += 0x9e3779b97f4a7c15;
  return <u32>(((mix(state) >> 32) * <u64>bound) >> 32);
}

/** Hex digits of a digest that a position is read from: 52 bits. */
const POSITION_DIGITS = 13;
const BUCKETS = 65_536;

/** Rows of one key have one position, wherever they are in the file. Not the text that assigns a split. */
export function sampleDigestText(seed: number, key: string): string {
  return `sample:${seed}:${key}`;
}

/** @param digest hex sha256 of {@link sampleDigestText}; @returns a number in [0, 1) */
export function samplePosition(digest: string): number {
  return parseInt(digest.slice(0, POSITION_DIGITS), 16) / 2 ** 52;
}

/**
 * The largest threshold that takes at most `maxRows` of the rows. It depends on the positions alone, not on their
 * order. Rows of one key are taken together or not at all.
 */
export function sampleThreshold(positions: Float64Array, maxRows: number): number {
  if (positions.length <= maxRows) return 1;
  const bucketOf = (position: number): number => Math.floor(position * BUCKETS);
  const counts = new Uint32Array(BUCKETS);
  for (const position of positions) {
    const bucket = bucketOf(position);
    counts[bucket] = (counts[bucket] as number) + 1;
  }
  let below = 0;
  let last = 0;
  while (below + (counts[last] as number) <= maxRows) {
    below += counts[last] as number;
    last += 1;
  }
  // Sorting this bucket is enough: earlier ones are taken whole, later ones left out whole.
  const sorted = positions.filter((position) => bucketOf(position) === last).sort();
  return sorted[maxRows - below] as number;
}

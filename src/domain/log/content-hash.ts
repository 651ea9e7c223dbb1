/**
 * A hash of a multiset of records: the sum of the records' digests modulo 2^128 (MSet-Add-Hash, Clarke et al. 2003).
 *
 * Order does not matter and hashes of disjoint parts add up to the hash of the whole, so partitions and micro-batches
 * can be hashed where they are and still be compared with what was published.
 */
const MODULUS = 1n << 128n;
const HEX_DIGITS = 32;

export const EMPTY_CONTENT_HASH = '0'.repeat(HEX_DIGITS);

/** Adds one digest after another. A digest is hex, of 128 bits or more; the first 128 bits count. */
export function createContentHash() {
  let sum = 0n;
  return {
    add(digest: string): void {
      sum += BigInt(`0x${digest.slice(0, HEX_DIGITS)}`);
    },
    value: (): string => toHex(sum),
  };
}

export function contentHashOf(digests: Iterable<string>): string {
  const hash = createContentHash();
  for (const digest of digests) hash.add(digest);
  return hash.value();
}

/** The hash of the union of disjoint parts. */
export function combineContentHashes(parts: Iterable<string>): string {
  return contentHashOf(parts);
}

function toHex(sum: bigint): string {
  return (sum % MODULUS).toString(16).padStart(HEX_DIGITS, '0');
}

import { createViews } from './bytes.ts';
import { murmur3 } from './murmur3.ts';

/**
 * A hash of a multiset of records: the sum of the records' digests modulo 2^128 (MSet-Add-Hash, Clarke et al. 2003).
 *
 * Order does not matter and hashes of disjoint parts add up to the hash of the whole, so partitions and micro-batches
 * can be hashed where they are and still be compared with what was published. See decision 0002.
 */
const MODULUS = 1n << 128n;
const HEX_DIGITS = 32;

export const EMPTY_CONTENT_HASH = '0'.repeat(HEX_DIGITS);

/** What is hashed of a record. Text counts as UTF-8. */
export interface HashedRecord {
  readonly key: string | Uint8Array | null;
  readonly value: string | Uint8Array | null;
}

/** After so many, the sums of 32 bits are carried: a double holds far more. */
const MAX_ADDED = 4_096;
const LANE = 2 ** 32;
/** Any bits but zero: a record of nothing counts, too. */
const SEED = 0x9e37_79b9;
/** Any bits: null differs from no bytes. */
const NULL_BITS = 0x5bf0_3635;
const NO_BYTES = new Uint8Array(0);
const encoder = new TextEncoder();

/** Adds one record after another. */
export function createContentHash() {
  const digest = new Int32Array(4);
  /** The least significant first. */
  const sums = new Float64Array(4);
  const viewOf = createViews();
  let added = 0;

  function hashPart(part: string | Uint8Array | null): void {
    const bytes = typeof part === 'string' ? encoder.encode(part) : (part ?? NO_BYTES);
    if (part === null) digest[0] = (digest[0] as number) ^ NULL_BITS;
    murmur3(viewOf(bytes), bytes.byteOffset, bytes.length, digest);
  }

  return {
    add({ key, value }: HashedRecord): void {
      digest[0] = digest[1] = digest[2] = digest[3] = SEED;
      hashPart(key);
      // The digest of the key is the seed, so that ("a", "bc") and ("ab", "c") have different digests.
      hashPart(value);
      sums[0] = (sums[0] as number) + (digest[0] >>> 0);
      sums[1] = (sums[1] as number) + (digest[1] >>> 0);
      sums[2] = (sums[2] as number) + (digest[2] >>> 0);
      sums[3] = (sums[3] as number) + (digest[3] >>> 0);
      added += 1;
      if (added === MAX_ADDED) {
        carry(sums);
        added = 0;
      }
    },
    value(): string {
      carry(sums);
      added = 0;
      return Array.from(sums, (sum) => sum.toString(16).padStart(8, '0'))
        .reverse()
        .join('');
    },
  };
}

function carry(sums: Float64Array): void {
  let carried = 0;
  for (let lane = 0; lane < sums.length; lane += 1) {
    const sum = (sums[lane] as number) + carried;
    carried = Math.floor(sum / LANE);
    sums[lane] = sum % LANE;
  }
}

export function contentHashOf(records: Iterable<HashedRecord>): string {
  const hash = createContentHash();
  for (const record of records) hash.add(record);
  return hash.value();
}

/** The hash of the union of disjoint parts. */
export function combineContentHashes(parts: Iterable<string>): string {
  let sum = 0n;
  for (const part of parts) sum += BigInt(`0x${part}`);
  return (sum % MODULUS).toString(16).padStart(HEX_DIGITS, '0');
}

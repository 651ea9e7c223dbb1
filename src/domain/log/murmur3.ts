const C1 = 0x239b_961b;
const C2 = 0xab0e_9789;
const C3 = 0x38b3_4ae5;
const C4 = 0xa1e3_8b93;

/** A hash of 128 bits, as four numbers of 32. */
export type Lanes = Int32Array;

/**
 * MurmurHash3 of 128 bits (the variant "x86") by Austin Appleby.
 *
 * @param bytes of which `length` from `from` on are hashed
 * @param lanes the seed, which the hash replaces
 */
export function murmur3(bytes: DataView, from: number, length: number, lanes: Lanes): void {
  const end = from + length;
  const whole = from + (length & ~15);
  let h1 = lanes[0] as number;
  let h2 = lanes[1] as number;
  let h3 = lanes[2] as number;
  let h4 = lanes[3] as number;
  for (let at = from; at < whole; at += 16) {
    h1 ^= scramble(bytes.getInt32(at, true), C1, 15, C2);
    h1 = (Math.imul(rotate(h1, 19) + h2, 5) + 0x561c_cd1b) | 0;
    h2 ^= scramble(bytes.getInt32(at + 4, true), C2, 16, C3);
    h2 = (Math.imul(rotate(h2, 17) + h3, 5) + 0x0bca_a747) | 0;
    h3 ^= scramble(bytes.getInt32(at + 8, true), C3, 17, C4);
    h3 = (Math.imul(rotate(h3, 15) + h4, 5) + 0x96cd_1c35) | 0;
    h4 ^= scramble(bytes.getInt32(at + 12, true), C4, 18, C1);
    h4 = (Math.imul(rotate(h4, 13) + h1, 5) + 0x32ac_3b17) | 0;
  }
  h1 ^= scramble(rest(bytes, whole, end), C1, 15, C2);
  h2 ^= scramble(rest(bytes, whole + 4, end), C2, 16, C3);
  h3 ^= scramble(rest(bytes, whole + 8, end), C3, 17, C4);
  h4 ^= scramble(rest(bytes, whole + 12, end), C4, 18, C1);
  finish(lanes, h1 ^ length, h2 ^ length, h3 ^ length, h4 ^ length);
}

function finish(lanes: Lanes, a: number, b: number, c: number, d: number): void {
  const h1 = (a + b + c + d) | 0;
  const m1 = avalanche(h1);
  const m2 = avalanche(b + h1);
  const m3 = avalanche(c + h1);
  const m4 = avalanche(d + h1);
  const sum = (m1 + m2 + m3 + m4) | 0;
  lanes[0] = sum;
  lanes[1] = m2 + sum;
  lanes[2] = m3 + sum;
  lanes[3] = m4 + sum;
}

function scramble(word: number, first: number, turn: number, second: number): number {
  return Math.imul(rotate(Math.imul(word, first), turn), second);
}

function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

function avalanche(word: number): number {
  let h = word ^ (word >>> 16);
  h = Math.imul(h, 0x85eb_ca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2_ae35);
  return h ^ (h >>> 16);
}

/** As a word, of the bytes that are there. */
function rest(bytes: DataView, at: number, end: number): number {
  let found = 0;
  for (let i = Math.min(end, at + 4) - 1; i >= at; i -= 1) found = (found << 8) | bytes.getUint8(i);
  return found;
}

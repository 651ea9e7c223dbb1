const SEED = 0x9747_b28c;
const M = 0x5bd1_e995;

/** The partition that Kafka's Java clients, and kafkajs, choose for a key. */
export function partitionOf(key: Uint8Array, partitions: number): number {
  return (murmur2(key) & 0x7fff_ffff) % partitions;
}

function murmur2(key: Uint8Array): number {
  const { length } = key;
  const whole = length & ~3;
  let h = SEED ^ length;
  for (let at = 0; at < whole; at += 4) {
    let k =
      (key[at] as number) |
      ((key[at + 1] as number) << 8) |
      ((key[at + 2] as number) << 16) |
      ((key[at + 3] as number) << 24);
    k = Math.imul(k, M);
    k ^= k >>> 24;
    h = Math.imul(h, M) ^ Math.imul(k, M);
  }
  for (let at = length - 1; at >= whole; at -= 1) h ^= (key[at] as number) << (8 * (at - whole));
  if (whole < length) h = Math.imul(h, M);
  h ^= h >>> 13;
  h = Math.imul(h, M);
  return h ^ (h >>> 15);
}

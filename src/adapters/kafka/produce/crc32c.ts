/** Castagnoli, reflected. Node's zlib has the other CRC-32 only, and kafkajs takes one byte at a time. */
const POLYNOMIAL = 0x82f6_3b78;
/** So many bytes are taken at a time, each with a table of its own ("slicing by 8"). */
const SLICES = 8;

const tables = Array.from({ length: SLICES }, () => new Int32Array(256));
const [t0, t1, t2, t3, t4, t5, t6, t7] = tables as [
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
];
for (let byte = 0; byte < 256; byte += 1) {
  let crc = byte;
  for (let bit = 0; bit < 8; bit += 1) crc = (crc & 1) === 0 ? crc >>> 1 : (crc >>> 1) ^ POLYNOMIAL;
  t0[byte] = crc;
}
for (let slice = 1; slice < SLICES; slice += 1) {
  const [before, table] = [tables[slice - 1] as Int32Array, tables[slice] as Int32Array];
  for (let byte = 0; byte < 256; byte += 1) {
    const crc = before[byte] as number;
    table[byte] = (crc >>> 8) ^ (t0[crc & 255] as number);
  }
}

/** The checksum of a record batch. */
export function crc32c(bytes: Uint8Array, from = 0, to = bytes.length): number {
  let crc = -1;
  let at = from;
  for (; at + SLICES <= to; at += SLICES) {
    const low =
      crc ^
      ((bytes[at] as number) |
        ((bytes[at + 1] as number) << 8) |
        ((bytes[at + 2] as number) << 16) |
        ((bytes[at + 3] as number) << 24));
    crc =
      (t7[low & 255] as number) ^
      (t6[(low >>> 8) & 255] as number) ^
      (t5[(low >>> 16) & 255] as number) ^
      (t4[low >>> 24] as number) ^
      (t3[bytes[at + 4] as number] as number) ^
      (t2[bytes[at + 5] as number] as number) ^
      (t1[bytes[at + 6] as number] as number) ^
      (t0[bytes[at + 7] as number] as number);
  }
  for (; at < to; at += 1) crc = (crc >>> 8) ^ (t0[(crc ^ (bytes[at] as number)) & 255] as number);
  return ~crc >>> 0;
}

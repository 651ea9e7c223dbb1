const FRAME_MAGIC = 0x184d2204;
/** Sixteen magic numbers mark frames that a reader passes over. */
const SKIPPABLE_MAGIC = 0x184d2a50;
/** How far back a match may reach, also into earlier blocks of its frame. */
const WINDOW_BYTES = 65_536;
/** By the code of a frame's largest block. */
const BLOCK_BYTES = new Map([
  [4, 65_536],
  [5, 262_144],
  [6, 1_048_576],
  [7, 4_194_304],
]);
const UNCOMPRESSED = 0x8000_0000;
const CORRUPT = 'corrupt LZ4 frame';

/**
 * Inflates LZ4 frames, block by block. No library that installs without a compiler bounds its output or reads blocks
 * that refer to earlier ones. Checksums are passed over: the broker has checked them, and Kafka's own batch checksum.
 */
export function* inflateLz4(input: Buffer): Generator<Buffer> {
  for (let at = 0; at < input.length;) {
    const magic = input.readUInt32LE(at);
    if ((magic & 0xffff_fff0) >>> 0 === SKIPPABLE_MAGIC) at += 8 + input.readUInt32LE(at + 4);
    else if (magic === FRAME_MAGIC) at = yield* inflateFrame(input, at + 4);
    else throw new Error('not an LZ4 frame');
  }
}

/** @returns where the frame ends */
function* inflateFrame(input: Buffer, start: number): Generator<Buffer, number> {
  const flags = input.readUInt8(start);
  const has = (bit: number): boolean => (flags & bit) !== 0;
  if (flags >> 6 !== 1 || has(0x01)) throw new Error('LZ4 frame of another version or with a dictionary');
  const blockBytes = BLOCK_BYTES.get((input.readUInt8(start + 1) >> 4) & 7);
  if (blockBytes === undefined) throw new Error(CORRUPT);
  // Flags, block size, content size, header checksum.
  let at = start + 2 + (has(0x08) ? 8 : 0) + 1;
  let window: Buffer = Buffer.alloc(0);
  for (;;) {
    const header = input.readUInt32LE(at);
    at += 4;
    if (header === 0) return at + (has(0x04) ? 4 : 0);
    const end = at + (header & ~UNCOMPRESSED);
    if (end > input.length) throw new Error(CORRUPT);
    const block = input.subarray(at, end);
    const inflated = (header & UNCOMPRESSED) === 0 ? inflateBlock(block, window, blockBytes) : block;
    yield inflated;
    if (!has(0x20)) window = Buffer.concat([window, inflated]).subarray(-WINDOW_BYTES);
    at = end + (has(0x10) ? 4 : 0);
  }
}

/** @param window what the frame's earlier blocks ended with */
function inflateBlock(input: Buffer, window: Buffer, blockBytes: number): Buffer {
  const output = Buffer.allocUnsafe(window.length + blockBytes);
  window.copy(output);
  let from = 0;
  let to = window.length;

  function lengthOf(nibble: number): number {
    let length = nibble;
    for (let next = nibble === 15 ? 255 : 0; next === 255; length += next) next = input.readUInt8(from++);
    return length;
  }

  while (from < input.length) {
    const token = input.readUInt8(from++);
    const literals = lengthOf(token >> 4);
    if (from + literals > input.length || to + literals > output.length) throw new Error(CORRUPT);
    input.copy(output, to, from, from + literals);
    from += literals;
    to += literals;
    if (from === input.length) break;
    const distance = input.readUInt16LE(from);
    from += 2;
    const matched = lengthOf(token & 15) + 4;
    if (distance === 0 || distance > to || to + matched > output.length) throw new Error(CORRUPT);
    to = copyMatch(output, to, distance, matched);
  }
  return output.subarray(window.length, to);
}

/** A match may overlap itself: then it repeats what it has just written. */
function copyMatch(output: Buffer, to: number, distance: number, length: number): number {
  const end = to + length;
  for (let at = to; at < end;) {
    const step = Math.min(at - to + distance, end - at);
    output.copyWithin(at, to - distance, to - distance + step);
    at += step;
  }
  return end;
}

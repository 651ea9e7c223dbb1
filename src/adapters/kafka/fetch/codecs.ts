import { createGunzip } from 'node:zlib';
import { Decompress } from 'fzstd';
import { uncompress } from 'snappyjs';
import { inflateLz4 } from './lz4.ts';

/** Inflates the records of a batch piece by piece, so that a batch of any size fits into memory. */
type Inflate = (compressed: Buffer) => Iterable<Buffer> | AsyncIterable<Buffer>;

/** By the codec of a record batch's attributes. */
const CODECS: readonly Inflate[] = [(plain) => [plain], inflateGzip, inflateSnappy, inflateLz4, inflateZstd];

/** @throws Error for a codec that Kafka does not define */
export function inflate(codec: number, compressed: Buffer): Iterable<Buffer> | AsyncIterable<Buffer> {
  const codecInflate = CODECS[codec];
  if (!codecInflate) throw new Error(`unknown compression codec ${codec}`);
  return codecInflate(compressed);
}

function inflateGzip(compressed: Buffer): AsyncIterable<Buffer> {
  const gunzip = createGunzip({ chunkSize: 64 * 1024 });
  gunzip.end(compressed);
  return gunzip;
}

const XERIAL_MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
/** Magic, version and compatible version. */
const XERIAL_HEADER_BYTES = 16;
/** The format copies at most 64 bytes for every three. */
const MAX_SNAPPY_RATIO = 22;

/** Java clients wrap Snappy blocks in a stream of their own (xerial); other clients send one bare block. */
function* inflateSnappy(compressed: Buffer): Generator<Buffer> {
  if (!isXerial(compressed)) yield inflateSnappyBlock(compressed);
  else
    for (let at = 0; at < compressed.length;) {
      if (isXerial(compressed.subarray(at))) at += XERIAL_HEADER_BYTES;
      const end = at + 4 + compressed.readUInt32BE(at);
      if (end > compressed.length) throw new Error('corrupt Snappy stream');
      yield inflateSnappyBlock(compressed.subarray(at + 4, end));
      at = end;
    }
}

function isXerial(bytes: Buffer): boolean {
  return bytes.subarray(0, XERIAL_MAGIC.length).equals(XERIAL_MAGIC);
}

/** A block says its length itself: one that claims more than it can hold is refused before memory is reserved. */
function inflateSnappyBlock(block: Buffer): Buffer {
  return uncompress(block, block.length * MAX_SNAPPY_RATIO);
}

/** A few bytes can inflate to a block of 128 kB, and the inflater handles each piece at once. */
const ZSTD_PIECE_BYTES = 1_024;

function* inflateZstd(compressed: Buffer): Generator<Buffer> {
  let inflated: Uint8Array[] = [];
  const decompress = new Decompress((chunk) => inflated.push(chunk));
  for (let at = 0; at < compressed.length; at += ZSTD_PIECE_BYTES) {
    const end = at + ZSTD_PIECE_BYTES;
    decompress.push(compressed.subarray(at, end), end >= compressed.length);
    for (const { buffer, byteOffset, length } of inflated) yield Buffer.from(buffer, byteOffset, length);
    inflated = [];
  }
}

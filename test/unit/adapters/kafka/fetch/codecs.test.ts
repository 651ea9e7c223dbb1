import { gzipSync } from 'node:zlib';
import { compress } from 'snappyjs';
import { expect, test } from 'vitest';
import { inflate } from '../../../../../src/adapters/kafka/fetch/codecs.ts';

const [GZIP, SNAPPY, LZ4, ZSTD] = [1, 2, 3, 4] as const;

async function inflated(codec: number, ...compressed: readonly Uint8Array[]): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of inflate(codec, Buffer.concat(compressed))) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** 4,000 times, by the zstd command: without content size, with a checksum. */
const SENTENCE = 'the quick brown fox jumps over the lazy dog. ';
const ZSTD_FRAME = Buffer.from(
  'KLUv/QRYxAEAxAJ0aGUgcXVpY2sgYnJvd24gZm94IGp1bXBzIG92ZXIgdGhlIGxhenkgZG9nLgIAzP9QZcAQZhlNAAAIaAEAHD8dCAGNecB5',
  'base64',
);
const SKIPPABLE = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]);

test('zstd frames one after another are read, also between frames to skip', async () => {
  const text = SENTENCE.repeat(4_000);

  expect(String(await inflated(ZSTD, ZSTD_FRAME))).toBe(text);
  expect(String(await inflated(ZSTD, ZSTD_FRAME, SKIPPABLE, ZSTD_FRAME))).toBe(text + text);
});

test('gzip members one after another are read', async () => {
  const text = 'a'.repeat(200_000);

  expect(String(await inflated(GZIP, gzipSync(text), gzipSync('b')))).toBe(`${text}b`);
});

/** The stream of Java clients: a header, then blocks with their lengths. */
function xerial(...blocks: readonly Uint8Array[]): Buffer {
  const header = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0, 0, 0, 0, 1, 0, 0, 0, 1]);
  const lengths = blocks.map(({ length }) => Buffer.from([0, 0, length >> 8, length & 0xff]));
  return Buffer.concat([header, ...blocks.flatMap((block, i) => [lengths[i] as Buffer, block])]);
}

test('snappy is read as a bare block and as the stream of Java clients', async () => {
  const [a, b] = ['a'.repeat(30_000), 'xyz'.repeat(5_000)].map((text) => Buffer.from(text));
  const blocks = [compress(a as Buffer), compress(b as Buffer)];

  expect(await inflated(SNAPPY, blocks[0] as Buffer)).toEqual(a);
  expect(await inflated(SNAPPY, xerial(...blocks))).toEqual(Buffer.concat([a as Buffer, b as Buffer]));
  expect(await inflated(SNAPPY, xerial(...blocks), xerial(...blocks))).toHaveLength(90_000);
});

/** @param flags of the frame, without its version */
function lz4Frame(flags: number, ...blocks: readonly Buffer[]): Buffer {
  const header = Buffer.from([0x04, 0x22, 0x4d, 0x18, 0x40 | flags, 0x40, 0]);
  return Buffer.concat([header, ...blocks, Buffer.alloc(4)]);
}

function lz4Block(content: readonly number[] | string, isCompressed: boolean): Buffer {
  const bytes = Buffer.from(content as string);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(isCompressed ? bytes.length : bytes.length + 0x8000_0000);
  return Buffer.concat([length, bytes]);
}

test('LZ4 blocks may refer to earlier ones of their frame, and may overlap themselves', async () => {
  // Eight bytes from ten before; then the literal "-"; then "-" again and again.
  const referring = lz4Block([0x04, 10, 0, 0x1f, 0x2d, 1, 0, 5, 0x10, 0x2e], true);
  const frame = lz4Frame(0, lz4Block('0123456789', false), referring);

  expect(String(await inflated(LZ4, frame))).toBe(`012345678901234567${'-'.repeat(25)}.`);
  expect(String(await inflated(LZ4, frame, SKIPPABLE, frame))).toHaveLength(88);
});

test.for([
  ['refers to what is not there', lz4Frame(0x20, lz4Block([0x04, 10, 0, 0x10, 0x2e], true))],
  ['ends early', lz4Frame(0x20, lz4Block('0123456789', false)).subarray(0, 15)],
  ['needs a dictionary', lz4Frame(0x01, lz4Block('0123456789', false))],
  ['is something else', Buffer.from('not a frame')],
] as const)('an LZ4 frame that %s is refused', async ([, frame]) => {
  await expect(inflated(LZ4, frame)).rejects.toThrow();
});

test('a snappy block that claims more than it can hold is refused', async () => {
  const claiming = Buffer.from([0xff, 0xff, 0xff, 0xff, 0x07, 0x00, 0x61]);

  await expect(inflated(SNAPPY, claiming)).rejects.toThrow('too big');
});

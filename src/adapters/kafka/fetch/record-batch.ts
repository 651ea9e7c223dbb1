import { createHash } from 'node:crypto';
import type { CutParts, LogRecord, Whole } from '../../../domain/log/record.ts';
import { ByteSource, VARINT_BYTES } from './byte-source.ts';
import { inflate } from './codecs.ts';
import { FetchedRecord, createHeaderParser, type ParseHeaders } from './fetched-record.ts';
import { RecordParser } from './record-parser.ts';

/** Of a batch: offset, length, leader epoch, magic, checksum, attributes and so on up to the number of records. */
const HEADER_BYTES = 61;
/** Base offset and length, which the length does not count. */
const PREFIX_BYTES = 12;
const MAGIC = 2;

/** A larger record is no row of features: only its beginning is kept, with length and hash of the whole. */
const MAX_RECORD_BYTES = 16 * 1024 * 1024;
/** What is kept of each part of such a record. */
const KEPT_BYTES = 64 * 1024;
/** At most: attributes, timestamp and offset of a record. */
const PLACE_BYTES = 16;

export interface RecordBatch {
  readonly baseOffset: number;
  readonly lastOffset: number;
  readonly producerId: bigint;
  readonly isTransactional: boolean;
  readonly isControl: boolean;
  readonly codec: number;
  readonly records: number;
  readonly firstTimestamp: bigint;
  /** Of the log instead of the producer: it holds for all records. */
  readonly appendTimestamp: bigint | undefined;
  readonly body: Buffer;
}

/** The whole batches of a fetched partition; the last may be cut off, and comes again with the next fetch. */
export function* parseBatches(bytes: Buffer): Generator<RecordBatch> {
  for (let at = 0; at + HEADER_BYTES <= bytes.length;) {
    const end = at + PREFIX_BYTES + bytes.readInt32BE(at + 8);
    if (end > bytes.length) return;
    if (bytes.readInt8(at + 16) !== MAGIC) throw new Error('a record batch from before Kafka 0.11');
    const attributes = bytes.readInt16BE(at + 21);
    const baseOffset = Number(bytes.readBigInt64BE(at));
    yield {
      baseOffset,
      lastOffset: baseOffset + bytes.readInt32BE(at + 23),
      producerId: bytes.readBigInt64BE(at + 43),
      isTransactional: (attributes & 0x10) !== 0,
      isControl: (attributes & 0x20) !== 0,
      codec: attributes & 0x07,
      records: bytes.readInt32BE(at + 57),
      firstTimestamp: bytes.readBigInt64BE(at + 27),
      appendTimestamp: (attributes & 0x08) === 0 ? undefined : bytes.readBigInt64BE(at + 35),
      body: bytes.subarray(at + HEADER_BYTES, end),
    };
    at = end;
  }
}

/**
 * Visits the records of a batch from an offset on, until the visitor returns false.
 *
 * @returns whether the visitor took them all
 * @throws Error when the batch is corrupt or its codec unknown
 */
export async function visitRecords(
  partition: number,
  batch: RecordBatch,
  offsetFrom: number,
  visit: (record: LogRecord, bytes: number) => boolean,
): Promise<boolean> {
  const source = new ByteSource(inflate(batch.codec, batch.body));
  const parseHeaders = createHeaderParser();
  try {
    for (let i = 0; i < batch.records; i += 1) {
      if (!source.holds(VARINT_BYTES)) await source.fill(VARINT_BYTES);
      const length = source.varint();
      const isLarge = length > MAX_RECORD_BYTES;
      if (length < 0 || (!isLarge && !source.holds(length) && !(await source.fill(length))))
        throw new Error('the record batch ends within a record');
      const record = isLarge
        ? await readCut(partition, batch, offsetFrom, source, length)
        : source.parse(length, (bytes, at) => parseRecord(partition, batch, parseHeaders, bytes, at));
      if (record && record.offset >= offsetFrom && !visit(record, Math.min(length, MAX_RECORD_BYTES)))
        return false;
    }
    return true;
  } finally {
    await source.close();
  }
}

type Place = Pick<LogRecord, 'partition' | 'offset' | 'timestamp'>;

function parsePlace(partition: number, batch: RecordBatch, parser: RecordParser): Place {
  const timestamp = toTimestamp(batch, parser.varlong());
  return { partition, offset: batch.baseOffset + parser.varint(), timestamp };
}

/** A producer may send any 64 bits. */
function toTimestamp({ firstTimestamp, appendTimestamp }: RecordBatch, delta: number | bigint): string {
  if (appendTimestamp !== undefined) return String(appendTimestamp);
  const sum = Number(firstTimestamp) + Number(delta);
  const isExact = [Number(firstTimestamp), Number(delta), sum].every(Number.isSafeInteger);
  return isExact ? String(sum) : String(BigInt.asIntN(64, firstTimestamp + BigInt(delta)));
}

/** @param at where the record begins, after its length */
function parseRecord(
  partition: number,
  batch: RecordBatch,
  parseHeaders: ParseHeaders,
  bytes: Buffer,
  at: number,
): FetchedRecord {
  const parser = new RecordParser(bytes, at);
  const delta = parser.varlong();
  const offset = batch.baseOffset + parser.varint();
  const key = parser.bytes();
  const value = parser.bytes();
  const headers = parseHeaders(bytes, parser);
  return new FetchedRecord(partition, offset, key, value, headers, () => toTimestamp(batch, delta));
}

const EMPTY = Buffer.alloc(0);

interface Part {
  /** The beginning. */
  readonly bytes: Buffer;
  readonly whole: Whole;
}

/** Reads a record that is too large to be held: the beginning of each part, with length and hash of the whole. */
async function readCut(
  partition: number,
  batch: RecordBatch,
  offsetFrom: number,
  source: ByteSource,
  length: number,
): Promise<LogRecord | undefined> {
  await source.fill(PLACE_BYTES);
  const parser = new RecordParser(source.peek(PLACE_BYTES), 0);
  const place = parsePlace(partition, batch, parser);
  const rest = length - source.take(parser.position()).length;
  if (place.offset < offsetFrom) {
    await source.pass(rest, () => undefined);
    return undefined;
  }
  const key = await readPart(source);
  const value = await readPart(source);
  const headers = await readHeaders(source);
  const cut = { ...cutPart('key', key), ...cutPart('value', value), ...cutPart('headers', headers.part) };
  return { ...place, key: key?.bytes ?? null, value: value?.bytes ?? null, headers: headers.kept, cut };
}

/** @param hash of several parts, if it is not of this one alone */
async function readPart(source: ByteSource, hash = createHash('sha256')): Promise<Part | null> {
  const size = await readVarint(source);
  if (size < 0) return null;
  const kept: Buffer[] = [];
  let room = KEPT_BYTES;
  await source.pass(size, (bytes) => {
    hash.update(bytes);
    // A copy: a view would keep the whole piece in memory.
    if (room > 0) kept.push(Buffer.from(bytes.subarray(0, room)));
    room -= bytes.length;
  });
  return { bytes: Buffer.concat(kept), whole: { bytes: size, sha256: hash.copy().digest('hex') } };
}

/** Keeps all headers or none. Length and hash are of names and values, one after another. */
async function readHeaders(
  source: ByteSource,
): Promise<{ readonly kept: readonly [string, Buffer][]; readonly part: Part }> {
  const hash = createHash('sha256');
  let kept: [string, Buffer][] = [];
  let bytes = 0;
  for (let left = await readVarint(source); left > 0; left -= 1) {
    const [name, value] = [await readPart(source, hash), await readPart(source, hash)];
    bytes += (name?.whole.bytes ?? 0) + (value?.whole.bytes ?? 0);
    if (bytes <= KEPT_BYTES) kept.push([String(name?.bytes ?? ''), value?.bytes ?? EMPTY]);
    else kept = [];
  }
  return { kept, part: { bytes: Buffer.alloc(0), whole: { bytes, sha256: hash.digest('hex') } } };
}

async function readVarint(source: ByteSource): Promise<number> {
  await source.fill(VARINT_BYTES);
  return source.varint();
}

function cutPart(name: keyof CutParts, part: Part | null): CutParts {
  return part && part.whole.bytes > KEPT_BYTES ? { [name]: part.whole } : {};
}

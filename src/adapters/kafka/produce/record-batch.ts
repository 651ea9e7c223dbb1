import { RecordParser } from '../fetch/record-parser.ts';
import { crc32c } from './crc32c.ts';

/** Free bytes before the batch, for the head of its request. */
const ROOM_BYTES = 1_024;
/** Base offset, length, leader epoch, magic, checksum, attributes and so on, up to the number of records. */
const HEADER_BYTES = 61;
const FIRST_RECORD_AT = ROOM_BYTES + HEADER_BYTES;
/** Base offset and length, which the length does not count. */
const PREFIX_BYTES = 12;
/** What the checksum covers begins behind it. */
const CHECKED_FROM = 21;
const CHECKSUM_AT = 17;
const MAGIC = 2;
const TRANSACTIONAL = 0x10;
/** Of a record: attributes and distance in time, both zero. */
const PLACE_BYTES = 2;
/** At most: the varints of a record's length, offset, key and value. */
const VARINTS_BYTES = 20;
const FIRST_BYTES = 65_536;
/** The broker refuses a batch over 1,048,588 bytes, unless its operator chose another limit (`message.max.bytes`). */
export const MAX_BATCH_BYTES = 1_000_000;
const NO_BYTES = new Uint8Array(0);
const NO_MEMORY = Buffer.alloc(0);

/** What the broker needs to know of a batch's producer. */
export interface BatchProducer {
  readonly producerId: bigint;
  readonly producerEpoch: number;
  readonly firstSequence: number;
  readonly isTransactional: boolean;
}

/** Bytes with free room before them, where a request may put its head. */
export interface PlacedBytes {
  readonly memory: Buffer;
  readonly start: number;
  readonly end: number;
}

/** Memory of batches that were sent, for the next ones: a new buffer for each makes the garbage collector busy. */
export class BatchMemory {
  readonly #spare: Buffer[] = [];

  take(): Buffer {
    return this.#spare.pop() ?? Buffer.allocUnsafeSlow(FIRST_BYTES);
  }

  give(bytes: Buffer): void {
    this.#spare.push(bytes);
  }
}

/** A record batch of Kafka (version 2) in one buffer: each record's bytes are put down once. */
export class RecordBatch {
  readonly #memory: BatchMemory | undefined;
  #bytes: Buffer;
  #used = FIRST_RECORD_AT;
  #records = 0;
  #wasEncoded = false;

  constructor(memory?: BatchMemory) {
    this.#memory = memory;
    this.#bytes = memory?.take() ?? Buffer.allocUnsafeSlow(FIRST_BYTES);
  }

  /** Gives its memory to other batches. It is used no more, and nobody has what it encoded. */
  release(): void {
    this.#memory?.give(this.#bytes);
    this.#bytes = NO_MEMORY;
  }

  get records(): number {
    return this.#records;
  }

  get size(): number {
    return this.#used - ROOM_BYTES;
  }

  /** At most so many bytes are added by a record. */
  static sizeOf(key: Uint8Array | null, value: Uint8Array | null, headers: Uint8Array): number {
    return VARINTS_BYTES + PLACE_BYTES + (key?.length ?? 0) + (value?.length ?? 0) + headers.length;
  }

  /** @param headers of {@link encodeHeaders} */
  append(key: Uint8Array | null, value: Uint8Array | null, headers: Uint8Array): void {
    this.#reserve(RecordBatch.sizeOf(key, value, headers));
    const delta = this.#records;
    this.#varint(
      PLACE_BYTES +
        sizeOfVarint(delta) +
        sizeOfVarint(key?.length ?? -1) +
        sizeOfVarint(value?.length ?? -1) +
        (key?.length ?? 0) +
        (value?.length ?? 0) +
        headers.length,
    );
    this.#place(delta);
    this.#sized(key);
    this.#sized(value);
    this.#put(headers);
    this.#records += 1;
  }

  /** The same records in smaller batches, each of at most so many bytes or one record. */
  split(maxBytes: number): RecordBatch[] {
    const batches: RecordBatch[] = [];
    let last: RecordBatch | undefined;
    for (let at = FIRST_RECORD_AT, left = this.#records; left > 0; left -= 1) {
      // Its first byte is attributes for this parser: the length of the record begins one later.
      const lengthOf = new RecordParser(this.#bytes, at - 1);
      const length = lengthOf.varint();
      const start = lengthOf.position();
      at = start + length;
      const record = new RecordParser(this.#bytes, start);
      record.varlong();
      record.varint();
      const rest = this.#bytes.subarray(record.position(), at);
      if (last === undefined || last.size + VARINTS_BYTES + rest.length > maxBytes) {
        last = new RecordBatch();
        batches.push(last);
      }
      last.#appendRest(rest);
    }
    return batches;
  }

  /**
   * Completes the batch, whose offsets and times are the broker's and now. It may be sent again, for another producer: then
   * the bytes are a copy, because a request that was given up may still be on its way.
   */
  encode({ producerId, producerEpoch, firstSequence, isTransactional }: BatchProducer): PlacedBytes {
    if (this.#wasEncoded) this.#bytes = Buffer.from(this.#bytes);
    this.#wasEncoded = true;
    const bytes = this.#bytes.subarray(ROOM_BYTES, this.#used);
    const now = BigInt(Date.now());
    bytes.writeBigInt64BE(0n, 0);
    bytes.writeInt32BE(bytes.length - PREFIX_BYTES, 8);
    bytes.writeInt32BE(0, 12);
    bytes.writeInt8(MAGIC, 16);
    bytes.writeInt16BE(isTransactional ? TRANSACTIONAL : 0, CHECKED_FROM);
    bytes.writeInt32BE(this.#records - 1, 23);
    bytes.writeBigInt64BE(now, 27);
    bytes.writeBigInt64BE(now, 35);
    bytes.writeBigInt64BE(producerId, 43);
    bytes.writeInt16BE(producerEpoch, 51);
    bytes.writeInt32BE(firstSequence, 53);
    bytes.writeInt32BE(this.#records, 57);
    bytes.writeUInt32BE(crc32c(bytes, CHECKED_FROM), CHECKSUM_AT);
    return { memory: this.#bytes, start: ROOM_BYTES, end: this.#used };
  }

  #appendRest(rest: Uint8Array): void {
    this.#reserve(VARINTS_BYTES + PLACE_BYTES + rest.length);
    const delta = this.#records;
    this.#varint(PLACE_BYTES + sizeOfVarint(delta) + rest.length);
    this.#place(delta);
    this.#put(rest);
    this.#records += 1;
  }

  #place(delta: number): void {
    this.#bytes[this.#used] = 0;
    this.#bytes[this.#used + 1] = 0;
    this.#used += PLACE_BYTES;
    this.#varint(delta);
  }

  #sized(part: Uint8Array | null): void {
    this.#varint(part?.length ?? -1);
    this.#put(part ?? NO_BYTES);
  }

  #put(part: Uint8Array): void {
    this.#bytes.set(part, this.#used);
    this.#used += part.length;
  }

  #varint(value: number): void {
    this.#used = putVarint(this.#bytes, this.#used, value);
  }

  #reserve(bytes: number): void {
    const needed = this.#used + bytes;
    if (needed <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(
      Math.max(needed, Math.min(2 * this.#bytes.length, ROOM_BYTES + MAX_BATCH_BYTES)),
    );
    larger.set(this.#bytes.subarray(0, this.#used));
    this.#bytes = larger;
  }
}

/** The headers of a record, with their number: equal for many records. */
export function encodeHeaders(
  headers: readonly (readonly [name: string, value: string | Uint8Array])[],
): Buffer {
  const parts = headers.flatMap(([name, value]) => [sized(Buffer.from(name)), sized(value)]);
  return Buffer.concat([varint(headers.length), ...parts]);
}

function sized(value: string | Uint8Array): Buffer {
  const bytes = Buffer.from(value as Uint8Array);
  return Buffer.concat([varint(bytes.length), bytes]);
}

function varint(value: number): Buffer {
  const bytes = Buffer.alloc(sizeOfVarint(value));
  putVarint(bytes, 0, value);
  return bytes;
}

/** Zigzag, then seven bits a byte. @returns where it ends */
function putVarint(bytes: Uint8Array, at: number, value: number): number {
  let bits = ((value << 1) ^ (value >> 31)) >>> 0;
  let end = at;
  for (; bits > 0x7f; bits >>>= 7) {
    bytes[end] = (bits & 0x7f) | 0x80;
    end += 1;
  }
  bytes[end] = bits;
  return end + 1;
}

function sizeOfVarint(value: number): number {
  const bits = ((value << 1) ^ (value >> 31)) >>> 0;
  if (bits < 0x80) return 1;
  if (bits < 0x4000) return 2;
  if (bits < 0x20_0000) return 3;
  return bits < 0x1000_0000 ? 4 : 5;
}

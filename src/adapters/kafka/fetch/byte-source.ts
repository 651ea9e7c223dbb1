import { setImmediate } from 'node:timers/promises';

/** After so many bytes, other work of the thread has its turn: heartbeats must go on. */
const YIELD_BYTES = 4 * 1024 * 1024;
/** Nobody sends this by intent; a reader that inflates more of it only burns time. */
const MAX_BATCH_BYTES = 4 * 1024 ** 3;
/** The longest. */
export const VARINT_BYTES = 5;

/** Bytes that arrive in pieces, read in order. It holds the piece that was asked for, not the whole. */
export class ByteSource {
  readonly #pieces: AsyncIterator<Buffer> | Iterator<Buffer>;
  #bytes: Buffer = Buffer.alloc(0);
  #at = 0;
  #arrived = 0;
  #yieldAt = YIELD_BYTES;

  constructor(pieces: Iterable<Buffer> | AsyncIterable<Buffer>) {
    this.#pieces =
      Symbol.asyncIterator in pieces ? pieces[Symbol.asyncIterator]() : pieces[Symbol.iterator]();
  }

  holds(count: number): boolean {
    return this.#bytes.length - this.#at >= count;
  }

  /** Waits until it holds so many bytes. @returns false if the source ends before */
  async fill(count: number): Promise<boolean> {
    if (this.holds(count)) return true;
    const pieces = [this.#bytes.subarray(this.#at)];
    let held = this.#bytes.length - this.#at;
    while (held < count) {
      const piece = await this.#next();
      if (piece === undefined) break;
      pieces.push(piece);
      held += piece.length;
    }
    this.#bytes =
      pieces.length === 2 && pieces[0]?.length === 0 ? (pieces[1] as Buffer) : Buffer.concat(pieces);
    this.#at = 0;
    return this.holds(count);
  }

  /** Only of bytes that it holds. */
  take(count: number): Buffer {
    this.#at += count;
    return this.#bytes.subarray(this.#at - count, this.#at);
  }

  /** Parses the next bytes where they are. Only of bytes that it holds. */
  parse<T>(count: number, parser: (bytes: Buffer, at: number) => T): T {
    this.#at += count;
    return parser(this.#bytes, this.#at - count);
  }

  /** The next bytes that it holds, at most so many. */
  peek(count: number): Buffer {
    return this.#bytes.subarray(this.#at, this.#at + count);
  }

  /** Passes over bytes that need not be held. */
  async pass(count: number, onBytes: (bytes: Buffer) => void): Promise<void> {
    for (let left = count; left > 0;) {
      if (!(await this.fill(1))) throw new Error('the record batch ends within a record');
      const bytes = this.take(Math.min(left, this.#bytes.length - this.#at));
      onBytes(bytes);
      left -= bytes.length;
    }
  }

  /** A signed, zigzag-encoded integer of 32 bits; `fill(VARINT_BYTES)` comes first. */
  varint(): number {
    let bits = 0;
    for (let shift = 0; shift < 7 * VARINT_BYTES && this.holds(1); shift += 7) {
      const byte = this.#bytes[this.#at++] as number;
      bits |= (byte & 0x7f) << shift;
      if (byte < 0x80) return (bits >>> 1) ^ -(bits & 1);
    }
    throw new Error('the record batch is corrupt');
  }

  async close(): Promise<void> {
    await this.#pieces.return?.();
  }

  async #next(): Promise<Buffer | undefined> {
    const next: IteratorResult<Buffer, unknown> = await this.#pieces.next();
    if (next.done) return undefined;
    this.#arrived += next.value.length;
    if (this.#arrived > MAX_BATCH_BYTES)
      throw new Error(`the record batch inflates to more than ${MAX_BATCH_BYTES} bytes`);
    if (this.#arrived >= this.#yieldAt) {
      this.#yieldAt = this.#arrived + YIELD_BYTES;
      await setImmediate();
    }
    return next.value;
  }
}

/** Reads the fields of a record that is in memory. Numbers below 2^31 take the short way: most are. */
export class RecordParser {
  readonly #bytes: Buffer;
  #at: number;

  /** @param at where a record begins, after its length; its first byte is attributes, which Kafka does not use */
  constructor(bytes: Buffer, at: number) {
    this.#bytes = bytes;
    this.#at = at + 1;
  }

  position(): number {
    return this.#at;
  }

  /** A signed, zigzag-encoded integer of 32 bits. */
  varint(): number {
    let bits = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.#bytes[this.#at++] ?? NOTHING;
      bits |= (byte & 0x7f) << shift;
      if (byte < 0x80) return (bits >>> 1) ^ -(bits & 1);
    }
    throw corrupt();
  }

  /** The same of 64 bits. */
  varlong(): number | bigint {
    const start = this.#at;
    const bytes = this.#bytes;
    if ((bytes[start] ?? NOTHING) < 0x80 || (bytes[start + 1] ?? NOTHING) < 0x80) return this.varint();
    let bits = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = bytes[this.#at++] ?? NOTHING;
      bits |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asIntN(64, (bits >> 1n) ^ -(bits & 1n));
    }
    throw corrupt();
  }

  /** Their length, and the bytes: a view. */
  bytes(): Buffer | null {
    const length = this.varint();
    return length < 0 ? null : this.#bytes.subarray(this.#move(length), this.#at);
  }

  /** Moves behind bytes with a length. */
  pass(): void {
    const length = this.varint();
    if (length > 0) this.#move(length);
  }

  /** Parses from another place. */
  at<T>(place: number, parse: () => T): T {
    this.#at = place;
    return parse();
  }

  text(): string {
    const length = this.varint();
    return length < 0 ? '' : this.#bytes.toString('utf8', this.#move(length), this.#at);
  }

  #move(count: number): number {
    this.#at += count;
    if (this.#at > this.#bytes.length) throw corrupt();
    return this.#at - count;
  }
}

/** Beyond the end: it looks like a number that goes on. */
const NOTHING = 0xff;

function corrupt(): Error {
  return new Error('the record batch is corrupt');
}

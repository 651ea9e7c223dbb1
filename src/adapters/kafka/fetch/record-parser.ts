/** Reads the fields of a record that is in memory. */
export class RecordParser {
  /** The first byte is attributes, which Kafka does not use. */
  #at = 1;
  readonly #bytes: Buffer;

  /** @param bytes of a record, after its length */
  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  position(): number {
    return this.#at;
  }

  /** A signed, zigzag-encoded integer of 32 bits. */
  varint(): number {
    const first = this.#bytes.readUInt8(this.#at);
    if (first >= 0x80) return Number(this.varlong());
    this.#at += 1;
    return (first >>> 1) ^ -(first & 1);
  }

  /** The same of 64 bits. */
  varlong(): bigint {
    let bits = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#bytes.readUInt8(this.#at++);
      bits |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asIntN(64, (bits >> 1n) ^ -(bits & 1n));
    }
    throw new Error('the record batch is corrupt');
  }

  /** Their length, and the bytes: a view. */
  bytes(): Buffer | null {
    const length = this.varint();
    if (length < 0) return null;
    if (this.#at + length > this.#bytes.length) throw new Error('the record batch is corrupt');
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }
}

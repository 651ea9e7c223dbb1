const FIRST_BYTES = 1_024;
/** So few bytes are copied faster than a call of `set` takes. */
const SHORT = 8;
const ZERO = 0x30;

/** Puts texts and numbers into memory that is used again and again. */
export class ByteWriter {
  #bytes = new Uint8Array(FIRST_BYTES);
  #used = 0;

  clear(): this {
    this.#used = 0;
    return this;
  }

  /** A view, valid until the next {@link clear}. */
  view(): Uint8Array {
    return this.#bytes.subarray(0, this.#used);
  }

  bytes(bytes: Uint8Array): this {
    this.#reserve(bytes.length);
    if (bytes.length > SHORT) this.#bytes.set(bytes, this.#used);
    else for (let i = 0; i < bytes.length; i += 1) this.#bytes[this.#used + i] = bytes[i] as number;
    this.#used += bytes.length;
    return this;
  }

  /** As JSON has it: null unless it is finite. */
  number(value: number): this {
    if ((value | 0) === value && value >= 0) return this.#digits(value);
    return this.#ascii(Number.isFinite(value) ? String(value) : 'null');
  }

  #digits(value: number): this {
    let length = 1;
    for (let rest = (value / 10) | 0; rest > 0; rest = (rest / 10) | 0) length += 1;
    this.#reserve(length);
    const bytes = this.#bytes;
    let rest = value | 0;
    for (let at = this.#used + length - 1; at >= this.#used; at -= 1) {
      const tenth = (rest / 10) | 0;
      bytes[at] = ZERO + rest - 10 * tenth;
      rest = tenth;
    }
    this.#used += length;
    return this;
  }

  #ascii(text: string): this {
    this.#reserve(text.length);
    for (let i = 0; i < text.length; i += 1) this.#bytes[this.#used + i] = text.charCodeAt(i);
    this.#used += text.length;
    return this;
  }

  #reserve(bytes: number): void {
    const needed = this.#used + bytes;
    if (needed <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(needed, 2 * this.#bytes.length));
    larger.set(this.#bytes.subarray(0, this.#used));
    this.#bytes = larger;
  }
}

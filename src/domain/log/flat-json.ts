import { createViews } from './bytes.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN = 0x7b;
const CLOSE = 0x7d;
const MINUS = 0x2d;
const PLUS = 0x2b;
const POINT = 0x2e;
const ZERO = 0x30;
/** What makes a letter small, and finds `E` as `e`. */
const SMALL = 0x20;
const SMALL_E = 0x65;

/** A double holds every integer of so many digits. */
const MAX_DIGITS = 15;
/** A double holds these powers of ten, so one division of such an integer is rounded once. */
const POWERS = Float64Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));

const NOT_PLAIN = -2;
const UNKNOWN = -1;

const encoder = new TextEncoder();
const latin1 = new TextDecoder('latin1');

/**
 * Reads numbers from JSON objects of plain text and numbers, without a string or an object for each. What is not plain
 * is left to `JSON.parse`: escapes, other characters than ASCII, nesting, a wanted field that is no number, any mistake.
 */
export class FlatJsonReader {
  readonly #names: readonly FieldName[];
  readonly #viewOf = createViews();
  #bytes: DataView = this.#viewOf(new Uint8Array(0));
  #at = 0;
  #end = 0;
  #number = 0;

  /** @param fields all different */
  constructor(fields: readonly string[]) {
    this.#names = fields.map(toFieldName);
  }

  /**
   * @param values one per field; a field that the object lacks becomes NaN
   * @returns false when the bytes are not plain: then `values` are any
   */
  read(bytes: Uint8Array, values: Float64Array): boolean {
    this.#bytes = this.#viewOf(bytes);
    this.#at = bytes.byteOffset;
    this.#end = bytes.byteOffset + bytes.length;
    values.fill(Number.NaN);
    return this.#readFields(values) && this.#isAtEnd();
  }

  #readFields(values: Float64Array): boolean {
    if (!this.#take(OPEN)) return false;
    if (this.#take(CLOSE)) return true;
    let expected = 0;
    do {
      this.#skipSpace();
      const field = this.#field(expected);
      if (field === NOT_PLAIN) return false;
      this.#skipSpace();
      if (field === UNKNOWN) {
        if (!this.#pass()) return false;
      } else {
        if (!this.#readNumber()) return false;
        // Of equal names, the last one counts.
        values[field] = this.#number;
        expected = field + 1;
      }
    } while (this.#take(COMMA));
    return this.#take(CLOSE);
  }

  #isAtEnd(): boolean {
    this.#skipSpace();
    return this.#at === this.#end;
  }

  /** Reads a name and its colon. @param expected the field that most records have here */
  #field(expected: number): number {
    const bytes = this.#bytes;
    const at = this.#at;
    const name = this.#names[expected];
    if (name !== undefined && isThere(bytes, at, this.#end, name)) {
      this.#at = at + name.length;
      return expected;
    }
    if (!this.#take(QUOTE) || !this.#passText()) return NOT_PLAIN;
    const length = this.#at - at;
    if (!this.#take(COLON)) return NOT_PLAIN;
    return this.#names.findIndex((one) => one.length === length + 1 && hasBytes(bytes, at, one, length));
  }

  /** After its quote. */
  #passText(): boolean {
    while (this.#at < this.#end) {
      const byte = this.#bytes.getUint8(this.#at);
      this.#at += 1;
      if (byte === QUOTE) return true;
      if (byte < 0x20 || byte > 0x7e || byte === BACKSLASH) return false;
    }
    return false;
  }

  /** A value that nobody wants. */
  #pass(): boolean {
    return this.#take(QUOTE) ? this.#passText() : this.#readNumber();
  }

  /** Exactly the double of `JSON.parse`. @returns false when there is no finite number */
  #readNumber(): boolean {
    const bytes = this.#bytes;
    const end = this.#end;
    const start = this.#at;
    const first = byteAt(bytes, start, end) === MINUS ? start + 1 : start;
    let at = first;
    let mantissa = 0;
    for (let digit = byteAt(bytes, at, end) - ZERO; digit >= 0 && digit <= 9;) {
      mantissa = 10 * mantissa + digit;
      at += 1;
      digit = byteAt(bytes, at, end) - ZERO;
    }
    if (at === first || (at > first + 1 && bytes.getUint8(first) === ZERO)) return false;
    let digits = at - first;
    let decimals = 0;
    if (byteAt(bytes, at, end) === POINT) {
      at += 1;
      const point = at;
      for (let digit = byteAt(bytes, at, end) - ZERO; digit >= 0 && digit <= 9;) {
        mantissa = 10 * mantissa + digit;
        at += 1;
        digit = byteAt(bytes, at, end) - ZERO;
      }
      if (at === point) return false;
      decimals = at - point;
      digits += decimals;
    }
    if ((byteAt(bytes, at, end) | SMALL) === SMALL_E) {
      this.#at = exponentEnd(bytes, at + 1, end);
      return this.#at > 0 && this.#parseText(start);
    }
    this.#at = at;
    if (digits > MAX_DIGITS) return this.#parseText(start);
    const value = decimals === 0 ? mantissa : mantissa / (POWERS[decimals] as number);
    this.#number = first === start ? value : -value;
    return true;
  }

  #parseText(start: number): boolean {
    const text = new Uint8Array(this.#bytes.buffer, start, this.#at - start);
    this.#number = Number(latin1.decode(text));
    return Number.isFinite(this.#number);
  }

  #take(byte: number): boolean {
    if (byteAt(this.#bytes, this.#at, this.#end) !== byte) {
      this.#skipSpace();
      if (byteAt(this.#bytes, this.#at, this.#end) !== byte) return false;
    }
    this.#at += 1;
    return true;
  }

  #skipSpace(): void {
    for (;;) {
      const byte = byteAt(this.#bytes, this.#at, this.#end);
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return;
      this.#at += 1;
    }
  }
}

/** `"name":`, as most records have it. */
interface FieldName {
  readonly length: number;
  readonly bytes: Uint8Array;
  /** The bytes four at a time, without those at the end that are fewer. */
  readonly words: Int32Array;
}

/** A name with other than plain characters is never found: its records are left to `JSON.parse`. */
function toFieldName(field: string): FieldName {
  const bytes = encoder.encode(`${JSON.stringify(field)}:`);
  const isPlain = bytes.every((byte) => byte < 0x7f && byte !== BACKSLASH);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const words = Int32Array.from({ length: bytes.length >> 2 }, (_, i) => view.getInt32(4 * i, true));
  return { length: isPlain ? bytes.length : Infinity, bytes, words };
}

function isThere(view: DataView, at: number, end: number, { length, bytes, words }: FieldName): boolean {
  if (at + length > end) return false;
  for (let i = 0; i < words.length; i += 1) if (view.getInt32(at + 4 * i, true) !== words[i]) return false;
  for (let i = 4 * words.length; i < length; i += 1) if (view.getUint8(at + i) !== bytes[i]) return false;
  return true;
}

function hasBytes(view: DataView, at: number, { bytes }: FieldName, length: number): boolean {
  for (let i = 0; i < length; i += 1) if (view.getUint8(at + i) !== bytes[i]) return false;
  return true;
}

/** 0, which JSON has nowhere, at the end. */
function byteAt(bytes: DataView, at: number, end: number): number {
  return at < end ? bytes.getUint8(at) : 0;
}

/** @param from behind the `e`. @returns -1 when there is no exponent */
function exponentEnd(bytes: DataView, from: number, end: number): number {
  const sign = byteAt(bytes, from, end);
  const first = sign === MINUS || sign === PLUS ? from + 1 : from;
  let at = first;
  for (let digit = byteAt(bytes, at, end) - ZERO; digit >= 0 && digit <= 9;) {
    at += 1;
    digit = byteAt(bytes, at, end) - ZERO;
  }
  return at === first ? -1 : at;
}

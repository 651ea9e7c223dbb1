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
/** A double holds these powers of ten, so one multiplication or division of such an integer is rounded once. */
const POWERS = Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));
const MAX_EXPONENT = POWERS.length - 1;

const encoder = new TextEncoder();
const latin1 = new TextDecoder('latin1');

/**
 * Reads numbers from JSON objects of plain text and numbers, without a string or an object for each. What is not plain
 * is left to `JSON.parse`: escapes, other characters than ASCII, nesting, a wanted field that is no number, any mistake.
 */
export class FlatJsonReader {
  readonly #names: readonly Uint8Array[];
  #bytes: Uint8Array = new Uint8Array(0);
  #at = 0;
  #number = 0;

  /** @param fields all different */
  constructor(fields: readonly string[]) {
    this.#names = fields.map((field) => encoder.encode(field));
  }

  /**
   * @param values one per field; a field that the object lacks becomes NaN
   * @returns false when the bytes are not plain: then `values` are any
   */
  read(bytes: Uint8Array, values: Float64Array): boolean {
    this.#bytes = bytes;
    this.#at = 0;
    values.fill(Number.NaN);
    return this.#readFields(values) && this.#isAtEnd();
  }

  #readFields(values: Float64Array): boolean {
    if (!this.#take(OPEN)) return false;
    if (this.#take(CLOSE)) return true;
    let expected = 0;
    do {
      const field = this.#name(expected);
      if (field === NOT_PLAIN || !this.#take(COLON)) return false;
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
    return this.#at === this.#bytes.length;
  }

  /** @param expected the field that most records have here */
  #name(expected: number): number {
    if (!this.#take(QUOTE)) return NOT_PLAIN;
    if (this.#isName(expected)) return expected;
    for (let field = 0; field < this.#names.length; field += 1) if (this.#isName(field)) return field;
    return this.#passText() ? UNKNOWN : NOT_PLAIN;
  }

  /** Whether the text here, after its quote, is that name. It moves behind it, if so. */
  #isName(field: number): boolean {
    const name = this.#names[field];
    if (name === undefined || this.#bytes[this.#at + name.length] !== QUOTE) return false;
    for (let i = 0; i < name.length; i += 1) {
      const byte = name[i] as number;
      if (this.#bytes[this.#at + i] !== byte || !isPlain(byte)) return false;
    }
    this.#at += name.length + 1;
    return true;
  }

  /** After its quote. */
  #passText(): boolean {
    for (;;) {
      const byte = this.#bytes[this.#at] ?? 0;
      this.#at += 1;
      if (byte === QUOTE) return true;
      if (!isPlain(byte)) return false;
    }
  }

  /** A value that nobody wants. */
  #pass(): boolean {
    return this.#take(QUOTE) ? this.#passText() : this.#readNumber();
  }

  /** Exactly the double of `JSON.parse`. @returns false when there is no finite number */
  #readNumber(): boolean {
    const bytes = this.#bytes;
    const start = this.#at;
    let at = start;
    const isNegative = bytes[at] === MINUS;
    if (isNegative) at += 1;
    let mantissa = 0;
    let digits = 0;
    const first = at;
    for (let digit = digitAt(bytes, at); digit >= 0; digit = digitAt(bytes, at)) {
      mantissa = 10 * mantissa + digit;
      if (mantissa > 0) digits += 1;
      at += 1;
    }
    if (at === first || (bytes[first] === ZERO && at > first + 1)) return false;
    let exponent = 0;
    if (bytes[at] === POINT) {
      at += 1;
      const point = at;
      for (let digit = digitAt(bytes, at); digit >= 0; digit = digitAt(bytes, at)) {
        mantissa = 10 * mantissa + digit;
        if (mantissa > 0) digits += 1;
        at += 1;
      }
      if (at === point) return false;
      exponent = point - at;
    }
    if (((bytes[at] ?? 0) | SMALL) === SMALL_E) {
      const end = exponentEnd(bytes, at + 1);
      if (end < 0) return false;
      this.#at = end;
      return this.#parseText(start);
    }
    this.#at = at;
    if (digits > MAX_DIGITS || exponent < -MAX_EXPONENT) return this.#parseText(start);
    const value = exponent === 0 ? mantissa : mantissa / (POWERS[-exponent] as number);
    this.#number = isNegative ? -value : value;
    return true;
  }

  #parseText(start: number): boolean {
    this.#number = Number(latin1.decode(this.#bytes.subarray(start, this.#at)));
    return Number.isFinite(this.#number);
  }

  #take(byte: number): boolean {
    if (this.#bytes[this.#at] !== byte) {
      this.#skipSpace();
      if (this.#bytes[this.#at] !== byte) return false;
    }
    this.#at += 1;
    return true;
  }

  #skipSpace(): void {
    for (;;) {
      const byte = this.#bytes[this.#at];
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return;
      this.#at += 1;
    }
  }
}

const NOT_PLAIN = -2;
const UNKNOWN = -1;

/** Of a text in JSON: stands for itself, and is one character. */
function isPlain(byte: number): boolean {
  return byte >= 0x20 && byte < 0x7f && byte !== QUOTE && byte !== BACKSLASH;
}

/** -1: none */
function digitAt(bytes: Uint8Array, at: number): number {
  const digit = (bytes[at] ?? 0) - ZERO;
  return digit >= 0 && digit <= 9 ? digit : -1;
}

/** @param from behind the `e`. @returns -1 when there is no exponent */
function exponentEnd(bytes: Uint8Array, from: number): number {
  const first = bytes[from] === MINUS || bytes[from] === PLUS ? from + 1 : from;
  let at = first;
  while (digitAt(bytes, at) >= 0) at += 1;
  return at === first ? -1 : at;
}

import type { Reading } from './consensus.ts';

export const BLOCK_ROWS = 16_384;
const FIRST_ENTRIES = 64;
/** More numbers have a place for each row instead of a row number each. */
const MAX_LISTED = BLOCK_ROWS / 8;

/**
 * The numbers of some rows of a column. A few numbers among text take memory for themselves only, and whole numbers take
 * half of what others do.
 */
export class ValueBlock {
  /** Rows of the entries, in order; null when there is an entry for every row. */
  #rows: Uint16Array | null = new Uint16Array(FIRST_ENTRIES);
  #values: Int32Array | Float64Array = new Int32Array(FIRST_ENTRIES);
  #areWhole = true;
  /** Form of each entry; 0: no number. */
  #codes: Uint8Array = new Uint8Array(FIRST_ENTRIES);
  #count = 0;

  /** @param row of the block; rows come in order */
  set(row: number, value: number, code: number): void {
    if (this.#areWhole && !isInt32(value)) this.#allowFractions();
    if (this.#rows !== null && this.#count === this.#rows.length) this.#grow();
    const rows = this.#rows;
    const entry = rows === null ? row : this.#count;
    if (rows !== null) rows[entry] = row;
    this.#count += 1;
    this.#values[entry] = value;
    this.#codes[entry] = code;
  }

  /** @param readings by code; undefined: cells of that form are gaps */
  apply(readings: readonly (Reading | undefined)[]): void {
    const changes = (reading: Reading | undefined) =>
      reading !== undefined && (reading.isThousandth || reading.exponent !== 0);
    if (this.#areWhole && readings.some(changes)) this.#allowFractions();
    const codes = this.#codes;
    for (let entry = 0; entry < codes.length; entry += 1) {
      const code = codes[entry] as number;
      if (code === 0) continue;
      const reading = readings[code];
      if (reading === undefined) codes[entry] = 0;
      else if (changes(reading)) this.#values[entry] = read(this.#values[entry] as number, reading);
    }
  }

  /** Writes the numbers of the rows from…to−1 of the block; leaves the others as they are. */
  copyTo(target: Float64Array, at: number, from: number, to: number): void {
    const rows = this.#rows;
    if (rows === null) {
      for (let row = from; row < to; row += 1) {
        if (this.#codes[row] !== 0) target[at + row - from] = this.#values[row] as number;
      }
      return;
    }
    for (let entry = 0; entry < this.#count; entry += 1) {
      const row = rows[entry] as number;
      if (row >= from && row < to && this.#codes[entry] !== 0) {
        target[at + row - from] = this.#values[entry] as number;
      }
    }
  }

  #allowFractions(): void {
    this.#values = new Float64Array(this.#values);
    this.#areWhole = false;
  }

  #grow(): void {
    const rows = this.#rows as Uint16Array;
    const [values, codes] = [this.#values, this.#codes];
    const isListed = 2 * rows.length <= MAX_LISTED;
    const entries = isListed ? 2 * rows.length : BLOCK_ROWS;
    this.#values = this.#areWhole ? new Int32Array(entries) : new Float64Array(entries);
    this.#codes = new Uint8Array(entries);
    this.#rows = isListed ? new Uint16Array(entries) : null;
    if (isListed) {
      this.#rows?.set(rows);
      this.#values.set(values);
      this.#codes.set(codes);
      return;
    }
    for (const [entry, row] of rows.entries()) {
      this.#values[row] = values[entry] as number;
      this.#codes[row] = codes[entry] as number;
    }
  }
}

/** A negative zero is none. */
function isInt32(value: number): boolean {
  return Object.is(value | 0, value);
}

/** The double that is nearest to the decimal number in the file: 1.1 × 10⁶ is not exact, "1.1e6" is. */
function read(value: number, { isThousandth, exponent }: Reading): number {
  const written = isThousandth ? value / 1000 : value;
  if (exponent === 0) return written;
  const product = written * 10 ** exponent;
  const whole = Math.round(product);
  // Doubles below it are so close that the rounding error of the product cannot lead to another whole number.
  const isClose = Math.abs(product - whole) <= Math.abs(product) * 2 * Number.EPSILON;
  if (isClose && Math.abs(product) < 1e12) return whole;
  const text = String(written);
  return text.includes('e') ? product : Number(`${text}e${exponent}`);
}

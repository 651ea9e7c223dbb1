import type { Reading } from './consensus.ts';

const FIRST_BLOCK_ROWS = 64;
const LAST_BLOCK_ROWS = 16_384;
/** They are bytes. */
const CODES = 256;

interface Block {
  readonly values: Float64Array;
  /** Form of each row; 0: no number. Absent once the readings are applied. */
  codes?: Uint8Array;
}

/** What the values tell about a column. */
export interface ValueStats {
  /** NaN without any value. */
  readonly minimum: number;
  readonly maximum: number;
  /** All values are equal. */
  readonly isConstant: boolean;
  /** Each value is greater than the one before it, or each is less; so they are distinct. */
  readonly isMonotonic: boolean;
  /** Each of 0…n−1 or of 1…n once, in any order; n is the number of rows. */
  readonly isRowNumber: boolean;
}

/** The numbers of a column in blocks that double in size. A block without a number takes no memory. */
export class ColumnValues {
  readonly #blocks: (Block | null)[] = [];
  #blockStart = 0;
  #blockEnd = 0;
  #block: Block | null = null;

  /** Rows come in order; those without a number are left out. */
  set(row: number, value: number, code: number): void {
    while (row >= this.#blockEnd) {
      this.#block = null;
      this.#blocks.push(null);
      this.#blockStart = this.#blockEnd;
      this.#blockEnd = blockStart(this.#blocks.length);
    }
    this.#block ??= this.#allocate(this.#blockEnd - this.#blockStart);
    this.#block.values[row - this.#blockStart] = value;
    (this.#block.codes as Uint8Array)[row - this.#blockStart] = code;
  }

  /** The memory of the last block. */
  #allocate(rows: number): Block {
    const block = { values: new Float64Array(rows).fill(Number.NaN), codes: new Uint8Array(rows) };
    this.#blocks[this.#blocks.length - 1] = block;
    return block;
  }

  /** Turns what was set into values; cells without a reading become gaps. */
  apply(readings: ReadonlyMap<number, Reading>): void {
    const byCode = Array.from({ length: CODES }, (_, code) => readings.get(code));
    for (const block of this.#blocks) {
      if (block === null) continue;
      applyTo(block, byCode);
      delete block.codes;
    }
  }

  clear(): void {
    this.#blocks.length = 0;
  }

  /** Values of the rows from…to−1 in an array of their own; NaN where there is a gap. */
  slice(from: number, to: number): Float64Array {
    const slice = new Float64Array(to - from).fill(Number.NaN);
    for (let at = blockAt(from); at < this.#blocks.length && blockStart(at) < to; at += 1) {
      const values = this.#blocks[at]?.values;
      if (values === undefined) continue;
      const start = blockStart(at);
      const first = Math.max(from, start);
      slice.set(values.subarray(first - start, Math.min(to, start + values.length) - start), first - from);
    }
    return slice;
  }

  /** @param rows of the whole column */
  describe(rows: number): ValueStats {
    let minimum = Infinity;
    let maximum = -Infinity;
    let previous = Number.NaN;
    let count = 0;
    let rises = 0;
    let falls = 0;
    for (const block of this.#blocks) {
      for (const value of block?.values ?? []) {
        if (Number.isNaN(value)) continue;
        count += 1;
        if (value < minimum) minimum = value;
        if (value > maximum) maximum = value;
        if (value > previous) rises += 1;
        else if (value < previous) falls += 1;
        previous = value;
      }
    }
    const steps = count - 1;
    return {
      minimum: count === 0 ? Number.NaN : minimum,
      maximum: count === 0 ? Number.NaN : maximum,
      isConstant: count > 0 && minimum === maximum,
      isMonotonic: steps > 0 && (rises === steps || falls === steps),
      isRowNumber:
        count === rows &&
        (minimum === 0 || minimum === 1) &&
        maximum - minimum === rows - 1 &&
        this.#areDistinctWhole(minimum, rows),
    };
  }

  /** @param minimum all values are from it to minimum + rows − 1 */
  #areDistinctWhole(minimum: number, rows: number): boolean {
    const seen = new Uint8Array(Math.ceil(rows / 8));
    for (const block of this.#blocks) {
      for (const value of block?.values ?? []) {
        if (Number.isNaN(value)) continue;
        const at = value - minimum;
        const bit = 1 << (at & 7);
        if (!Number.isInteger(at) || ((seen[at >> 3] as number) & bit) !== 0) return false;
        seen[at >> 3] = (seen[at >> 3] as number) | bit;
      }
    }
    return true;
  }
}

/** @param readings by code; undefined: cells of that form are gaps */
function applyTo({ values, codes }: Block, readings: readonly (Reading | undefined)[]): void {
  if (codes === undefined) return;
  for (let i = 0; i < codes.length; i += 1) {
    const code = codes[i] as number;
    if (code === 0) continue;
    const reading = readings[code];
    if (reading === undefined) values[i] = Number.NaN;
    else if (reading.isThousandth || reading.exponent !== 0) values[i] = read(values[i] as number, reading);
  }
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

/** 0, 64, 128, 256, …, 16,384, 32,768, 49,152, … */
function blockStart(index: number): number {
  if (index === 0) return 0;
  const doubled = FIRST_BLOCK_ROWS * 2 ** (index - 1);
  if (doubled <= LAST_BLOCK_ROWS) return doubled;
  return LAST_BLOCK_ROWS * (index - DOUBLING_BLOCKS + 1);
}

/** Blocks before row 16,384. */
const DOUBLING_BLOCKS = Math.log2(LAST_BLOCK_ROWS / FIRST_BLOCK_ROWS) + 1;

function blockAt(row: number): number {
  if (row < FIRST_BLOCK_ROWS) return 0;
  if (row < LAST_BLOCK_ROWS) return Math.floor(Math.log2(row / FIRST_BLOCK_ROWS)) + 1;
  return DOUBLING_BLOCKS + Math.floor(row / LAST_BLOCK_ROWS) - 1;
}

import type { Reading } from './consensus.ts';
import { BLOCK_ROWS, ValueBlock } from './value-block.ts';

/** They are bytes. */
const CODES = 256;

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

/** The numbers of a column. Long stretches without a number take no memory. */
export class ColumnValues {
  readonly #blocks: (ValueBlock | undefined)[] = [];

  /** Rows come in order; those without a number are left out. */
  set(row: number, value: number, code: number): void {
    const index = Math.floor(row / BLOCK_ROWS);
    while (index >= this.#blocks.length) this.#blocks.push(undefined);
    const block = (this.#blocks[index] ??= new ValueBlock());
    block.set(row % BLOCK_ROWS, value, code);
  }

  /** Turns what was set into values; cells without a reading become gaps. */
  apply(readings: ReadonlyMap<number, Reading>): void {
    const byCode = Array.from({ length: CODES }, (_, code) => readings.get(code));
    for (const block of this.#blocks) block?.apply(byCode);
  }

  clear(): void {
    this.#blocks.length = 0;
  }

  /** Values of the rows from…to−1 in an array of their own; NaN where there is a gap. */
  slice(from: number, to: number): Float64Array {
    const slice = new Float64Array(to - from).fill(Number.NaN);
    for (let row = from; row < to;) {
      const start = row - (row % BLOCK_ROWS);
      const end = Math.min(to, start + BLOCK_ROWS);
      this.#blocks[start / BLOCK_ROWS]?.copyTo(slice, row - from, row - start, end - start);
      row = end;
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
    for (const values of this.#chunks()) {
      for (const value of values) {
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
    for (const values of this.#chunks()) {
      for (const value of values) {
        if (Number.isNaN(value)) continue;
        const at = value - minimum;
        const bit = 1 << (at & 7);
        if (!Number.isInteger(at) || ((seen[at >> 3] as number) & bit) !== 0) return false;
        seen[at >> 3] = (seen[at >> 3] as number) | bit;
      }
    }
    return true;
  }

  /** All values, and NaN, in memory that is used again. */
  *#chunks(): Generator<Float64Array> {
    const chunk = new Float64Array(BLOCK_ROWS);
    for (const block of this.#blocks) {
      if (block === undefined) continue;
      block.copyTo(chunk.fill(Number.NaN), 0, 0, BLOCK_ROWS);
      yield chunk;
    }
  }
}

import { isMissing } from './missing.ts';
import type { Notation } from './notation.ts';

/** A column of the file whose cells were read as numbers. */
export interface ReadColumn {
  readonly column: string;
  readonly rows: number;
  /** Cells that say that there is no value. */
  readonly missing: number;
  /** Cells that hold something else than a number in the column's notation. */
  readonly unreadable: number;
  /** `row` is the cell's position in the column, from 0. */
  readonly firstUnreadable?: { readonly row: number; readonly text: string };
  /** The first cell that is not missing, at most 40 characters. */
  readonly sample: string | null;
  /** Null: plain numbers like `-12.5`, or no numbers. */
  readonly notation: Notation | null;
  /** Why a column of numbers cannot be read, and what to set; all its filled cells are unreadable then. */
  readonly problem?: string;
  /** Of the values; NaN without any. */
  readonly minimum: number;
  readonly maximum: number;
  /** All values are equal. */
  readonly isConstant: boolean;
  /** Each value is greater than the one before it, or each is less; then all are distinct. */
  readonly isMonotonic: boolean;
  /** Each of 0…n−1 or of 1…n once, in any order; n is the number of rows. */
  readonly isRowNumber: boolean;
  /** Values of the rows from…to−1; NaN where there is a gap. */
  values(from: number, to: number): Float64Array;
}

/** Takes every cell of the column once, in order. Memory: 9 bytes a row, none for rows of a chunk without numbers. */
export interface ColumnReader {
  add(cells: readonly string[]): void;
  finish(): ReadColumn;
}

/** Part of a Temporal payload, which must stay small. */
const MAX_SAMPLE_CHARS = 40;
const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** @param options.decimal what `dataset.decimal` says; without it, the column's cells decide */
export function createColumnReader(name: string, _options: { decimal?: '.' | ',' } = {}): ColumnReader {
  const chunks: Float64Array[] = [];
  let rows = 0;
  let missing = 0;
  let unreadable = 0;
  let firstUnreadable: ReadColumn['firstUnreadable'];
  let sample: string | null = null;
  return {
    add(cells) {
      const chunk = new Float64Array(cells.length).fill(Number.NaN);
      cells.forEach((cell, i) => {
        if (isMissing(cell)) {
          missing += 1;
          return;
        }
        const text = cell.trim();
        sample ??= text.slice(0, MAX_SAMPLE_CHARS);
        const value = DECIMAL.test(text) ? Number(text) : Number.NaN;
        if (Number.isFinite(value)) chunk[i] = value;
        else {
          unreadable += 1;
          firstUnreadable ??= { row: rows + i, text: text.slice(0, MAX_SAMPLE_CHARS) };
        }
      });
      chunks.push(chunk);
      rows += cells.length;
    },
    finish() {
      const all = new Float64Array(rows);
      let at = 0;
      for (const chunk of chunks) {
        all.set(chunk, at);
        at += chunk.length;
      }
      const read = { column: name, rows, missing, unreadable, sample, notation: null };
      return {
        ...read,
        ...(firstUnreadable && { firstUnreadable }),
        ...describeValues(all),
        values: (from, to) => all.slice(from, to),
      };
    },
  };
}

function describeValues(
  values: Float64Array,
): Pick<ReadColumn, 'minimum' | 'maximum' | 'isConstant' | 'isMonotonic' | 'isRowNumber'> {
  let minimum = Infinity;
  let maximum = -Infinity;
  let previous = Number.NaN;
  let rises = 0;
  let falls = 0;
  let count = 0;
  for (const value of values) {
    if (Number.isNaN(value)) continue;
    count += 1;
    if (value < minimum) minimum = value;
    if (value > maximum) maximum = value;
    if (value > previous) rises += 1;
    if (value < previous) falls += 1;
    previous = value;
  }
  if (count === 0)
    return {
      minimum: Number.NaN,
      maximum: Number.NaN,
      isConstant: false,
      isMonotonic: false,
      isRowNumber: false,
    };
  const isMonotonic = count > 1 && (rises === count - 1 || falls === count - 1);
  const isRowNumber =
    isMonotonic && (minimum === 0 || minimum === 1) && maximum - minimum === values.length - 1;
  return { minimum, maximum, isConstant: minimum === maximum, isMonotonic, isRowNumber };
}

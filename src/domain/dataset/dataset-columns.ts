import { DatasetError } from '../errors.ts';

const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** A CSV cell as a double; NaN for everything that is not a finite decimal number ("oops", "NaN", "inf", "0x1F", ""). */
export function parseCell(cell: string): number {
  const text = cell.trim();
  const value = DECIMAL.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(value) ? value : Number.NaN;
}

/** A column that is neither a feature nor the target. */
export interface LeftOutColumn {
  readonly column: string;
  readonly reason: string;
  /** Its first cell that is not missing. */
  readonly sample: string | null;
}

/** Unusable cells of a used column; a row with one is dropped. */
export interface ColumnGaps {
  readonly column: string;
  /** Empty cells. */
  readonly missing: number;
  /** Cells that hold something other than a finite number. */
  readonly unreadable: number;
  readonly firstUnreadable?: { readonly row: number; readonly text: string };
}

export interface ParsedColumn extends ColumnGaps {
  /** One double per row; NaN where there is a gap. */
  readonly values: readonly number[];
}

/** The sample is part of a Temporal payload, which must stay small. */
const MAX_SAMPLE_CHARS = 40;
/** The header is row 1. */
export const FIRST_ROW = 2;

export function parseColumn(column: string, cells: readonly string[]): ParsedColumn {
  let missing = 0;
  let unreadable = 0;
  let firstUnreadable: ColumnGaps['firstUnreadable'];
  const values = cells.map((cell, i) => {
    const value = parseCell(cell);
    if (Number.isNaN(value)) {
      if (cell.trim() === '') missing += 1;
      else {
        unreadable += 1;
        firstUnreadable ??= { row: i + FIRST_ROW, text: cell.trim().slice(0, MAX_SAMPLE_CHARS) };
      }
    }
    return value;
  });
  return { column, values, missing, unreadable, ...(firstUnreadable && { firstUnreadable }) };
}

/**
 * Whether `features: "numeric"` includes the column: more than half of its filled cells are finite numbers. Counting the
 * whole column, not its first rows, makes a column that holds text from row 600 on a number with gaps, and keeps a title
 * column with a film named "300" text.
 */
export function isMostlyNumeric({ values, missing, unreadable }: ParsedColumn): boolean {
  const numeric = values.length - missing - unreadable;
  return numeric > unreadable;
}

/** @throws DatasetError that names the missing column and lists those of the file */
export function requireColumns(file: string, found: readonly string[], wanted: readonly string[]): void {
  for (const column of wanted) {
    if (!found.includes(column)) {
      throw new DatasetError({
        what: `column "${column}" is missing`,
        where: file,
        got: `columns ${found.join(', ').slice(0, 400)}`,
        hint: 'Name one of these in dataset.target, dataset.features or dataset.key, or correct the header',
      });
    }
  }
}

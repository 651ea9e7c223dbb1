import type { Row } from '../csv/row.ts';
import { beginsWithWord, MAX_NUMBER_CHARS, readCell, type Cell } from './cell.ts';
import { findConsensus, type Consensus, type Reading } from './consensus.ts';
import type { DecimalHints } from './decimal-sign.ts';
import { readPlain } from './digits.ts';
import { detach, earlier, FormTable, toFirstCell, type FirstCell } from './forms.ts';
import { isMissing, mayBeMissing } from './missing.ts';
import type { Notation } from './notation.ts';
import { PositionSet } from './position-set.ts';
import { countOf } from './units.ts';
import { ColumnValues, type ValueStats } from './values.ts';

/** A column of the file whose cells were read as numbers. */
export interface ReadColumn extends ValueStats {
  readonly column: string;
  readonly rows: number;
  /** Cells that say that there is no value. */
  readonly missing: number;
  /** Cells that hold something else than a number in the column's notation. */
  readonly unreadable: number;
  readonly firstUnreadable?: FirstCell;
  /** The first cell that is not missing, at most 40 characters. */
  readonly sample: string | null;
  /** Null: plain numbers like `-12.5`, or no numbers. */
  readonly notation: Notation | null;
  /** Why a column of numbers cannot be read, and what to set; all its filled cells are unreadable then. */
  readonly problem?: string;
  /** Values of the rows from…to−1 in an array of their own; NaN where there is a gap. */
  values(from: number, to: number): Float64Array;
  /** Whether the row's cell is one of `missing`. */
  isMissing(row: number): boolean;
}

/** Memory: 5 to 9 bytes a number, and a bit a row. */
export interface ColumnReader {
  readonly column: string;
  /** The column's cell in the next row. */
  add(row: Row, cell: number): void;
  /** A cell with a decimal comma, if that is the column's notation. */
  commaSample(): string | null;
  /** After the last cell. {@link finishColumns} does it for all columns of a file. */
  finish(hints?: Pick<DecimalHints, 'commaElsewhere'>): ReadColumn;
}

/** Texts with digits that are looked up instead of read again: a rating like PG-13 repeats. */
const MAX_KNOWN_TEXTS = 32;
const NONE: ReadonlyMap<number, Reading> = new Map();

/** @param options.decimal what `dataset.decimal` says; without it, the column's cells decide */
export function createColumnReader(
  column: string,
  { decimal }: { readonly decimal?: '.' | ',' | undefined } = {},
): ColumnReader {
  const values = new ColumnValues();
  const forms = new FormTable();
  const minuses = { before: 0, 'at the end': 0, 'in parentheses': 0 };
  const cell: Cell = { value: 0, shape: 0, currency: '', suffix: '', minus: null };
  const missingRows = new PositionSet();
  const knownTexts = new Set<string>();
  let rows = 0;
  let missing = 0;
  let firstText: FirstCell | null = null;
  let firstFilled: FirstCell | null = null;

  function codeOfPlain(row: Row, at: number): number {
    firstFilled ??= toFirstCell(rows, row.cell(at));
    if (cell.value < 0) minuses.before += 1;
    return forms.countPlain(cell.shape, rows, row, at);
  }

  /** Of a cell that is no plain number: missing, text, or a number in another notation. */
  function codeOf(row: Row, at: number): number {
    const start = row.starts[at] as number;
    const isWord = beginsWithWord(row, at);
    if (isWord && firstText !== null && !mayBeMissing(row.units[start] as number)) return 0;
    const text = row.cell(at).trim();
    if (knownTexts.has(text)) return 0;
    if (isMissing(text)) {
      missing += 1;
      missingRows.add(rows);
      return 0;
    }
    firstFilled ??= toFirstCell(rows, text);
    const code = !isWord && readCell(text, cell) ? forms.count(cell, rows, text) : 0;
    if (code === 0) {
      firstText ??= toFirstCell(rows, text);
      if (knownTexts.size < MAX_KNOWN_TEXTS && text.length <= MAX_NUMBER_CHARS) knownTexts.add(detach(text));
    } else if (cell.minus !== null) minuses[cell.minus] += 1;
    return code;
  }

  function consensus(hints: Pick<DecimalHints, 'commaElsewhere'>): Consensus {
    const evidence = { forms: forms.list(), filled: rows - missing, minuses };
    return findConsensus(evidence, { decimal, ...hints });
  }

  return {
    column,
    add(row, at) {
      const code = readPlain(row, at, cell) ? codeOfPlain(row, at) : codeOf(row, at);
      if (code !== 0) values.set(rows, cell.value, code);
      rows += 1;
    },

    commaSample() {
      const found = consensus({});
      if (found.kind !== 'numbers' || found.notation?.decimal !== ',') return null;
      return (
        forms.list().find(({ code, shape }) => found.readings.has(code) && shape.decimal === ',')?.text ??
        null
      );
    },

    finish(hints = {}) {
      const found = consensus(hints);
      const readings = found.kind === 'numbers' ? found.readings : NONE;
      const readable = countOf(forms.list().filter(({ code }) => readings.has(code)));
      const firstUnreadable = earlier(firstText, forms.firstBeside(readings));
      if (readable === 0) values.clear();
      else values.apply(readings);
      return {
        column,
        rows,
        missing,
        unreadable: rows - missing - readable,
        ...(firstUnreadable && { firstUnreadable }),
        sample: firstFilled?.text ?? null,
        notation: found.kind === 'numbers' ? found.notation : null,
        ...(found.kind === 'problem' && { problem: found.problem }),
        ...values.describe(rows),
        values: (from, to) => values.slice(from, to),
        isMissing: (row) => missingRows.has(row),
      };
    },
  };
}

/**
 * Finishes all columns of a file. A decimal comma in one of them puts a column in doubt that has nothing but cells like
 * `1.234`, which are ordinary decimals otherwise.
 */
export function finishColumns(readers: readonly ColumnReader[]): ReadColumn[] {
  const samples = readers.map((reader) => [reader.column, reader.commaSample()] as const);
  const [column, sample] = samples.find(([, comma]) => comma !== null) ?? [];
  const commaElsewhere = column === undefined ? undefined : `"${column}" (${sample})`;
  return readers.map((reader) => reader.finish({ commaElsewhere }));
}

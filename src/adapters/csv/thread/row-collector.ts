import { hash } from 'node:crypto';
import type { ReadOptions } from '../../../activities/dataset/dataset-reader.ts';
import { resolveColumns, type FileColumns } from '../../../domain/dataset/csv/columns.ts';
import { dropEmptyEnd } from '../../../domain/dataset/csv/row-splitter.ts';
import { linesOf } from '../../../domain/dataset/file-lines.ts';
import { MAX_ROWS } from '../../../domain/dataset/limits.ts';
import {
  createColumnReader,
  finishColumns,
  type ColumnReader,
  type ReadColumn,
} from '../../../domain/dataset/numbers/column-reader.ts';
import { isMissing } from '../../../domain/dataset/numbers/missing.ts';
import { createKeyCandidates, type KeyCandidates } from '../../../domain/dataset/key-candidates.ts';
import { DatasetError } from '../../../domain/errors.ts';
import type { BadRows } from '../../../domain/run/step-results.ts';
import { textColumns } from './frames.ts';
import { packTexts, type PackedTexts } from './text-store.ts';

/** Few enough for most of them to be gone before the garbage collector copies them. */
const CHUNK_ROWS = 4_096;
const MAX_BAD_LINES = 10;
export const SHA256_BYTES = 32;

/** Good rows that follow each other: what is kept besides the numbers. */
export interface RowChunk {
  readonly rows: number;
  /** Record numbers. */
  readonly ids: Int32Array;
  /** Empty: see `hashes`. */
  readonly keys: PackedTexts | null;
  /** sha256 of the rows without a key, one after the other. */
  readonly hashes: Uint8Array;
  readonly labels: PackedTexts | null;
  /** By candidate: a bit for each row whose cell is missing; null without any. */
  readonly missing: readonly (Uint8Array | null)[];
}

export interface CollectedRows {
  readonly columns: FileColumns;
  readonly chunks: readonly RowChunk[];
  /** By candidate. */
  readonly read: readonly ReadColumn[];
  /** Bad ones included. */
  readonly loaded: number;
  readonly badRows: BadRows;
  /** Of columns that are no candidates: the first cell that is not missing. */
  readonly samples: (position: number) => string | null;
  /** Positions of the columns that could be the key; empty when there is one. */
  readonly keyCandidates: readonly number[];
}

export interface RowCollector {
  /** Of the header; 0 before it. */
  readonly width: number;
  readonly rows: number;
  addRow(cells: string[], line: number): void;
  addMalformed(problem: string, line: number): void;
  /** @throws DatasetError when there are no rows, or too many bad ones */
  finish(): CollectedRows;
}

/** Takes the rows of a file. Memory: 9 bytes a number, and the keys and labels. */
export function createRowCollector(file: string, options: ReadOptions): RowCollector {
  let columns: FileColumns | null = null;
  let readers: readonly ColumnReader[] = [];
  let keyCandidates: KeyCandidates = createKeyCandidates([]);
  const chunks: RowChunk[] = [];
  const samples: (string | null)[] = [];
  let cells: string[][] = [];
  let ids: number[] = [];
  let loaded = 0;
  const bad = { count: 0, lines: [] as number[], first: null as string | null };

  function open(row: string[], line: number): void {
    const names = row.map((cell, i) => (options.header ? cell.trim() : `column${i + 1}`));
    columns = resolveColumns({ file, line, header: options.header }, names, options);
    if (columns.key === null) keyCandidates = createKeyCandidates(nameable(columns));
    readers = columns.candidates.map((position) =>
      createColumnReader(names[position] as string, { decimal: options.decimal }),
    );
    if (!options.header) addRow(row, line);
  }

  function addRow(row: string[], line: number): void {
    if (columns === null) {
      open(row, line);
      return;
    }
    const width = columns.names.length;
    dropEmptyEnd(row, width);
    if (row.length > width) {
      addMalformed(`${row.length} cells instead of ${width}`, line);
      return;
    }
    while (row.length < width) row.push('');
    count();
    cells.push(row);
    ids.push(loaded + (options.header ? 1 : 0));
    if (cells.length === CHUNK_ROWS) flush(columns);
  }

  function count(): void {
    loaded += 1;
    if (loaded <= MAX_ROWS) return;
    throw new DatasetError({
      what: 'the table is too large',
      where: file,
      expected: `at most ${MAX_ROWS.toLocaleString('en-US')} rows`,
      got: 'more',
      hint: 'Load a part of the rows',
    });
  }

  function addMalformed(problem: string, line: number): void {
    if (columns === null) {
      throw new DatasetError({
        what: 'the header is malformed',
        where: `${file}:${line}`,
        expected: 'quotes around whole names, doubled inside',
        got: problem,
        hint: 'Correct the file; nothing was published',
      });
    }
    count();
    bad.count += 1;
    if (bad.lines.length < MAX_BAD_LINES) bad.lines.push(line);
    bad.first ??= problem;
  }

  function flush({ names, candidates, key, label }: FileColumns): void {
    const texts = textColumns(cells, names.length);
    const missing = candidates.map((position, i) => {
      const column = texts[position] as string[];
      readers[i]?.add(column);
      return missingBits(column);
    });
    const keys = key === null ? null : (texts[key] as string[]).map((cell) => cell.trim());
    const labels = label === null ? null : (texts[label] as string[]).map((cell) => cell.trim());
    sample(texts);
    keyCandidates.add(texts);
    chunks.push({
      rows: cells.length,
      ids: Int32Array.from(ids),
      keys: keys && packTexts(keys),
      hashes: hashRows(keys === null ? cells : cells.filter((_, row) => keys[row] === '')),
      labels: labels && packTexts(labels),
      missing,
    });
    cells = [];
    ids = [];
  }

  function sample(texts: readonly (readonly string[])[]): void {
    texts.forEach((column, position) => {
      if (samples[position]) return;
      const found = column.find((cell) => !isMissing(cell));
      samples[position] = found === undefined ? null : found.trim().slice(0, 40);
    });
  }

  return {
    get width() {
      return columns?.names.length ?? 0;
    },
    get rows() {
      return loaded;
    },
    addRow,
    addMalformed,
    finish() {
      if (columns !== null && cells.length > 0) flush(columns);
      if (columns === null || loaded === 0) throw nothingInside(file, columns !== null);
      if (bad.count > options.maxBadRows * loaded)
        throw tooManyBadRows(file, bad, loaded, options.maxBadRows);
      return {
        columns,
        chunks,
        read: finishColumns(readers),
        loaded,
        badRows: bad,
        samples: (position) => samples[position] ?? null,
        keyCandidates: keyCandidates.finish(),
      };
    },
  };
}

/** The columns that an input can name, but for the target. */
function nameable({ names, target, repeated }: FileColumns): number[] {
  return [...names.keys()].filter(
    (position) => position !== target && names[position] !== '' && !repeated.includes(position),
  );
}

function missingBits(cells: readonly string[]): Uint8Array | null {
  let bits: Uint8Array | null = null;
  for (let row = 0; row < cells.length; row += 1) {
    const cell = cells[row] as string;
    if (cell !== '' && (beginsLikeValue(cell.charCodeAt(0)) || !isMissing(cell))) continue;
    bits ??= new Uint8Array(Math.ceil(cells.length / 8));
    bits[row >> 3] = (bits[row >> 3] as number) | (1 << (row & 7));
  }
  return bits;
}

/** Whether no missing cell begins so: a digit from 2 on, or a letter but N and n. Spares most cells the look at the list. */
function beginsLikeValue(code: number): boolean {
  const letter = code | 32;
  return (code >= 50 && code <= 57) || (letter >= 97 && letter <= 122 && letter !== 110);
}

function hashRows(rows: readonly (readonly string[])[]): Uint8Array {
  const hashes = new Uint8Array(rows.length * SHA256_BYTES);
  rows.forEach((row, i) => {
    hashes.set(hash('sha256', JSON.stringify(row.map((cell) => cell.trim())), 'buffer'), i * SHA256_BYTES);
  });
  return hashes;
}

function nothingInside(file: string, hasHeader: boolean): DatasetError {
  return new DatasetError({
    what: hasHeader ? 'the file has a header but no rows' : 'the file is empty',
    where: file,
    expected: 'a header line and rows below it',
    got: '0 rows',
    hint: 'Correct the file; nothing was published',
  });
}

function tooManyBadRows(file: string, bad: BadRows, loaded: number, allowed: number): DatasetError {
  const number = (value: number): string => value.toLocaleString('en-US');
  const more = bad.count > bad.lines.length ? ', …' : '';
  const first = bad.lines[0] as number;
  const block = bad.lines.findIndex((line, i) => line !== first + i);
  return new DatasetError({
    what: 'too many bad rows',
    where: linesOf(file, first, first + (block === -1 ? bad.lines.length : block) - 1),
    expected: `at most ${Number((allowed * 100).toPrecision(6))} % (dataset.maxBadRows)`,
    got: `${number(bad.count)} of ${number(loaded)} rows, the first with ${bad.first} (lines ${bad.lines.join(', ')}${more})`,
    hint: 'Correct the rows, or check dataset.delimiter; nothing was published',
  });
}

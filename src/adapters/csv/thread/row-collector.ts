import { hash } from 'node:crypto';
import type { ReadOptions } from '../../../activities/dataset/dataset-reader.ts';
import { resolveColumns, type FileColumns } from '../../../domain/dataset/csv/columns.ts';
import type { Row } from '../../../domain/dataset/csv/row.ts';
import { linesOf } from '../../../domain/dataset/file-lines.ts';
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
import { createTextPacker, type PackedTexts } from './text-store.ts';

/** A danfo frame each, in the end. Few enough for its cells to be gone before the garbage collector copies them. */
const CHUNK_ROWS = 4_096;
const MAX_SAMPLE_CHARS = 40;
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
  /** @param row is not kept */
  addRow(row: Row, line: number): void;
  addMalformed(problem: string, line: number): void;
  /** @throws DatasetError when there are no rows, or too many bad ones */
  finish(): CollectedRows;
}

/** Takes the rows of a file. Memory: 5 to 9 bytes a number, and the keys and labels. */
export function createRowCollector(file: string, options: ReadOptions, maxRows: number): RowCollector {
  let columns: FileColumns | null = null;
  let readers: readonly ColumnReader[] = [];
  let keyCandidates: KeyCandidates = createKeyCandidates([]);
  const chunks: RowChunk[] = [];
  const samples = new Map<number, string>();
  /** Columns without a sample. */
  let unsampled: number[] = [];
  // Of the chunk.
  const ids = new Int32Array(CHUNK_ROWS);
  let rows = 0;
  const keys = createTextPacker(CHUNK_ROWS);
  const labels = createTextPacker(CHUNK_ROWS);
  let hashes: Buffer[] = [];
  /** Only when there is no key. */
  let cells: string[][] = [];
  let loaded = 0;
  const bad = { count: 0, lines: [] as number[], first: null as string | null };

  function open(row: Row, line: number): void {
    const header = row.cells();
    const names = header.map((cell, i) => (options.header ? cell.trim() : `column${i + 1}`));
    columns = resolveColumns({ file, line, header: options.header }, names, options);
    const { candidates, key } = columns;
    if (key === null) keyCandidates = createKeyCandidates(nameable(columns));
    readers = candidates.map((position) =>
      createColumnReader(names[position] as string, { decimal: options.decimal }),
    );
    unsampled = [...names.keys()].filter((position) => !candidates.includes(position));
    if (!options.header) addRow(row, line);
  }

  function addRow(row: Row, line: number): void {
    if (columns === null) {
      open(row, line);
      return;
    }
    const width = columns.names.length;
    row.dropEmptyEnd(width);
    if (row.length > width) {
      addMalformed(`${row.length} cells instead of ${width}`, line);
      return;
    }
    row.fillUp(width);
    count();
    const { candidates } = columns;
    for (let i = 0; i < candidates.length; i += 1) {
      (readers[i] as ColumnReader).add(row, candidates[i] as number);
    }
    if (unsampled.length > 0) unsampled = unsampled.filter((position) => !sample(row, position));
    ids[rows] = loaded + (options.header ? 1 : 0);
    rows += 1;
    addTexts(row, columns);
    if (rows === CHUNK_ROWS) flush(columns);
  }

  function addTexts(row: Row, { key, label }: FileColumns): void {
    if (label !== null) labels.add(row, label);
    if (key !== null && keys.add(row, key) > 0) return;
    const all = row.cells();
    hashes.push(hashCells(all));
    if (key === null) cells.push(all);
  }

  function sample(row: Row, position: number): boolean {
    const cell = row.cell(position);
    if (isMissing(cell)) return false;
    samples.set(position, cell.trim().slice(0, MAX_SAMPLE_CHARS));
    return true;
  }

  function count(): void {
    loaded += 1;
    if (loaded <= maxRows) return;
    throw new DatasetError({
      what: 'the table is too large',
      where: file,
      expected: `at most ${maxRows.toLocaleString('en-US')} rows`,
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

  function flush({ key, label }: FileColumns): void {
    if (key === null) keyCandidates.add(cells);
    chunks.push({
      rows,
      ids: ids.slice(0, rows),
      keys: key === null ? null : keys.finish(),
      hashes: Buffer.concat(hashes),
      labels: label === null ? null : labels.finish(),
    });
    rows = 0;
    [hashes, cells] = [[], []];
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
      if (columns !== null && rows > 0) flush(columns);
      if (columns === null || loaded === 0) throw nothingInside(file, columns !== null);
      if (bad.count > options.maxBadRows * loaded)
        throw tooManyBadRows(file, bad, loaded, options.maxBadRows);
      return {
        columns,
        chunks,
        read: finishColumns(readers),
        loaded,
        badRows: bad,
        samples: (position) => samples.get(position) ?? null,
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

function hashCells(cells: readonly string[]): Buffer {
  return hash('sha256', JSON.stringify(cells.map((cell) => cell.trim())), 'buffer');
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

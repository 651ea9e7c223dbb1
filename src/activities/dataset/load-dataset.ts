import {
  FIRST_ROW,
  isMostlyNumeric,
  parseCell,
  parseColumn,
  requireColumns,
  type ColumnGaps,
  type ParsedColumn,
} from '../../domain/dataset/dataset-columns.ts';
import { DatasetError } from '../../domain/errors.ts';
import type { PipelineInput } from '../../domain/run/pipeline-input.ts';
import type { LoadDatasetResult } from '../../domain/run/step-results.ts';
import type { RatingRows } from '../../domain/dataset/rating-table.ts';
import type { Tables } from '../tables.ts';
import type { Calendar } from './calendar.ts';
import type { DataDirectory, DataFile } from './data-directory.ts';
import type { DataFrames, Frame } from './data-frames.ts';
import { explainPath, resolveDatasetPath } from './dataset-path.ts';
import { writeRatingRows } from './rating-rows.ts';
import type { Digests } from '../log/digests.ts';
import { withHeartbeat } from '../heartbeat.ts';

const PLAIN = { compression: null, encoding: 'utf-8', delimiter: ',', quote: '"', header: true } as const;

const DEFAULT_KEY_COLUMN = 'movie_imdb_link';
const LABEL_COLUMN = 'movie_title';
/** The result is a Temporal payload, which must stay small even for very wide files. */
const MAX_REPORTED_COLUMNS = 40;

export interface LoadDatasetInput {
  readonly run: string;
  readonly dataset: PipelineInput['dataset'];
  /** Fills in the date parts of the path; ISO 8601. */
  readonly asOf: string;
}

interface Deps {
  readonly calendar: Calendar;
  readonly dataDirectory: DataDirectory;
  readonly frames: DataFrames;
  readonly digests: Digests;
  readonly tables: Tables;
}

/**
 * Loads the CSV, keeps the features and the target, drops every row with a value that is not a finite number, and
 * casts to double. A retry reads the file again and writes the same artifact, which is named by its content.
 */
export function createLoadDataset(deps: Deps) {
  const { tables, frames, digests } = deps;
  return async function loadDataset(input: LoadDatasetInput): Promise<LoadDatasetResult> {
    const { run, dataset } = input;
    return withHeartbeat(async () => {
      const { file, asOf } = await openFile(input, deps);
      const raw = await frames.readCsv(file);
      const named = dataset.features === 'numeric' ? [] : dataset.features;
      requireColumns(file.name, raw.columns, [
        ...(dataset.key === undefined ? [] : [dataset.key]),
        dataset.target,
        ...named,
      ]);

      const keyColumn = dataset.key ?? raw.columns.find((column) => column === DEFAULT_KEY_COLUMN);
      const parsed = parseColumns(raw, dataset, keyColumn);
      const features = dataset.features === 'numeric' ? mostlyNumeric(file.name, parsed, dataset) : named;
      const used = [...features, dataset.target];
      const numbers = raw.select(used).castToDouble((column) => parsed.get(column)?.values ?? []);
      const kept = numbers.completeRows();
      const gaps = used.map((column) => toGaps(parsed.get(column) as ParsedColumn));
      if (kept.length === 0) throw everyRowDropped(file.name, raw.rowCount, gaps);

      const rows = toRows(raw, numbers.takeRows(kept), kept, features, dataset.target, keyColumn, digests);
      const schema = { features, target: dataset.target };
      return {
        table: await writeRatingRows(tables, { run, name: 'dataset', schema, rows: [rows] }),
        source: { path: file.name, sha256: file.sha256, bytes: file.bytes },
        dialect: PLAIN,
        rows: countRows(raw, kept.length, used),
        badRows: { count: 0, lines: [], first: null },
        features,
        target: dataset.target,
        keyColumn: keyColumn ?? null,
        ...(asOf !== undefined && { asOf }),
        ...columnReport(raw, used, gaps),
      };
    });
  };
}

async function openFile(
  { dataset, asOf }: LoadDatasetInput,
  { calendar, dataDirectory }: Deps,
): Promise<{ readonly file: DataFile; readonly asOf: string | undefined }> {
  const resolved = resolveDatasetPath(dataset, asOf, calendar);
  try {
    return { file: await dataDirectory.open(resolved.path), asOf: resolved.asOf };
  } catch (error) {
    throw explainPath(error, dataset, resolved.asOf);
  }
}

function parseColumns(
  raw: Frame,
  dataset: PipelineInput['dataset'],
  keyColumn: string | undefined,
): Map<string, ParsedColumn> {
  const candidates =
    dataset.features === 'numeric'
      ? raw.columns.filter((column) => column !== keyColumn || column === dataset.target)
      : [...dataset.features, dataset.target];
  return new Map(candidates.map((column) => [column, parseColumn(column, raw.cells(column))]));
}

function mostlyNumeric(
  file: string,
  parsed: Map<string, ParsedColumn>,
  { target }: PipelineInput['dataset'],
): string[] {
  const features = [...parsed.values()]
    .filter((column) => column.column !== target && isMostlyNumeric(column))
    .map(({ column }) => column);
  if (features.length > 0) return features;
  throw new DatasetError({
    what: 'no numeric feature',
    where: file,
    expected: `a mostly numeric column besides "${target}"`,
    got: `columns ${[...parsed.keys()].join(', ').slice(0, 400)}`,
    hint: 'Name the features in dataset.features, or check the delimiter (a comma)',
  });
}

function toGaps({ column, missing, unreadable, firstUnreadable }: ParsedColumn): ColumnGaps {
  return { column, missing, unreadable, ...(firstUnreadable && { firstUnreadable }) };
}

function everyRowDropped(file: string, rows: number, gaps: readonly ColumnGaps[]): DatasetError {
  const worst = [...gaps].sort((a, b) => b.missing + b.unreadable - a.missing - a.unreadable).slice(0, 3);
  return new DatasetError({
    what: 'every row was dropped',
    where: file,
    expected: 'rows with a finite number in every used column',
    got: `0 of ${rows} rows; most gaps: ${worst
      .map(({ column, missing, unreadable }) => `"${column}" ${missing} empty, ${unreadable} not a number`)
      .join('; ')}`,
    hint: 'Leave the emptiest columns out by naming the others in dataset.features',
  });
}

function toRows(
  raw: Frame,
  numbers: Frame,
  kept: readonly number[],
  features: readonly string[],
  target: string,
  keyColumn: string | undefined,
  digests: Digests,
): RatingRows {
  const cellsOf = new Map(raw.columns.map((column) => [column, raw.cells(column)]));
  const cell = (column: string, row: number): string => cellsOf.get(column)?.[row]?.trim() ?? '';
  const rowHash = (row: number): string =>
    digests.sha256(JSON.stringify(raw.columns.map((column) => cell(column, row))));
  return {
    rowIds: Int32Array.from(kept, (row) => row + FIRST_ROW),
    keys: kept.map((row) => (keyColumn === undefined ? '' : cell(keyColumn, row)) || rowHash(row)),
    labels: kept.map((row) => cell(LABEL_COLUMN, row) || `row ${row + FIRST_ROW}`),
    columns: features.map((feature) => Float64Array.from(numbers.doubles(feature))),
    targets: Float64Array.from(numbers.doubles(target)),
  };
}

function countRows(raw: Frame, kept: number, used: readonly string[]): LoadDatasetResult['rows'] {
  const unreadable = new Set<number>();
  for (const column of used) {
    raw.cells(column).forEach((cell, row) => {
      if (cell.trim() !== '' && Number.isNaN(parseCell(cell))) unreadable.add(row);
    });
  }
  const dropped = raw.rowCount - kept;
  const empty = dropped - unreadable.size;
  return { loaded: raw.rowCount, kept, dropped, bad: 0, empty, unreadable: unreadable.size };
}

function columnReport(
  raw: Frame,
  used: readonly string[],
  gaps: readonly ColumnGaps[],
): Pick<LoadDatasetResult, 'gaps' | 'notations' | 'leftOut' | 'leftOutCount' | 'keyCandidates'> {
  const leftOut = raw.columns.filter((column) => !used.includes(column));
  const sample = (column: string): string | null =>
    raw
      .cells(column)
      .find((cell) => cell.trim() !== '')
      ?.slice(0, 40) ?? null;
  return {
    notations: [],
    leftOut: leftOut
      .slice(0, MAX_REPORTED_COLUMNS)
      .map((column) => ({ column, reason: 'not used', sample: sample(column) })),
    leftOutCount: leftOut.length,
    keyCandidates: [],
    gaps: gaps
      .filter(({ missing, unreadable }) => missing + unreadable > 0)
      .sort((a, b) => b.missing + b.unreadable - a.missing - a.unreadable)
      .slice(0, MAX_REPORTED_COLUMNS),
  };
}

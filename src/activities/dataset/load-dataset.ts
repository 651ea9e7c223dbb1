import {
  FIRST_ROW,
  isMostlyNumeric,
  parseColumn,
  requireColumns,
  type ColumnGaps,
  type ParsedColumn,
} from '../../domain/dataset/dataset-columns.ts';
import { DatasetError } from '../../domain/errors.ts';
import type { PipelineInput } from '../../domain/run/pipeline-input.ts';
import type { LoadDatasetResult } from '../../domain/run/step-results.ts';
import type { RatingTable } from '../../domain/dataset/rating-table.ts';
import { writeJson, type ArtifactStore } from '../artifact-store.ts';
import type { Calendar } from './calendar.ts';
import type { DataDirectory, DataFile } from './data-directory.ts';
import type { DataFrames, Frame } from './data-frames.ts';
import { explainPath, resolveDatasetPath } from './dataset-path.ts';
import type { Digests } from '../log/digests.ts';
import { withHeartbeat } from '../heartbeat.ts';

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
  readonly artifacts: ArtifactStore;
  readonly calendar: Calendar;
  readonly dataDirectory: DataDirectory;
  readonly frames: DataFrames;
  readonly digests: Digests;
}

/**
 * Loads the CSV, keeps the features and the target, drops every row with a value that is not a finite number, and
 * casts to double. A retry reads the file again and writes the same artifact, which is named by its content.
 */
export function createLoadDataset(deps: Deps) {
  const { artifacts, frames, digests } = deps;
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

      const table = toTable(raw, numbers.takeRows(kept), kept, features, dataset.target, keyColumn, digests);
      return {
        table: await writeJson(artifacts, run, 'dataset', kept.length, table),
        source: { path: file.name, sha256: file.sha256, bytes: file.bytes },
        rows: { loaded: raw.rowCount, kept: kept.length, dropped: raw.rowCount - kept.length },
        features,
        target: dataset.target,
        keyColumn: keyColumn ?? null,
        ...(asOf !== undefined && { asOf }),
        ...columnReport(raw.columns, used, gaps),
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

function toGaps({ column, missing, notNumeric, firstNotNumeric }: ParsedColumn): ColumnGaps {
  return { column, missing, notNumeric, ...(firstNotNumeric && { firstNotNumeric }) };
}

function everyRowDropped(file: string, rows: number, gaps: readonly ColumnGaps[]): DatasetError {
  const worst = [...gaps].sort((a, b) => b.missing + b.notNumeric - a.missing - a.notNumeric).slice(0, 3);
  return new DatasetError({
    what: 'every row was dropped',
    where: file,
    expected: 'rows with a finite number in every used column',
    got: `0 of ${rows} rows; most gaps: ${worst
      .map(({ column, missing, notNumeric }) => `"${column}" ${missing} empty, ${notNumeric} not a number`)
      .join('; ')}`,
    hint: 'Leave the emptiest columns out by naming the others in dataset.features',
  });
}

function toTable(
  raw: Frame,
  numbers: Frame,
  kept: readonly number[],
  features: readonly string[],
  target: string,
  keyColumn: string | undefined,
  digests: Digests,
): RatingTable {
  const cellsOf = new Map(raw.columns.map((column) => [column, raw.cells(column)]));
  const cell = (column: string, row: number): string => cellsOf.get(column)?.[row]?.trim() ?? '';
  const rowHash = (row: number): string =>
    digests.sha256(JSON.stringify(raw.columns.map((column) => cell(column, row))));
  return {
    features,
    target,
    rowIds: kept.map((row) => row + FIRST_ROW),
    keys: kept.map((row) => (keyColumn === undefined ? '' : cell(keyColumn, row)) || rowHash(row)),
    labels: kept.map((row) => cell(LABEL_COLUMN, row) || `row ${row + FIRST_ROW}`),
    columns: features.map((feature) => numbers.doubles(feature)),
    targets: numbers.doubles(target),
  };
}

function columnReport(
  all: readonly string[],
  used: readonly string[],
  gaps: readonly ColumnGaps[],
): Pick<LoadDatasetResult, 'gaps' | 'unusedColumns'> {
  return {
    gaps: gaps
      .filter(({ missing, notNumeric }) => missing + notNumeric > 0)
      .sort((a, b) => b.missing + b.notNumeric - a.missing - a.notNumeric)
      .slice(0, MAX_REPORTED_COLUMNS),
    unusedColumns: all.filter((column) => !used.includes(column)).slice(0, MAX_REPORTED_COLUMNS),
  };
}

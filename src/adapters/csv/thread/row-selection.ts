import type { DatasetFacts, ReadOptions } from '../../../activities/dataset/dataset-reader.ts';
import { chooseFeatures, type LeftOutColumn } from '../../../domain/dataset/features.ts';
import type { Dialect } from '../../../domain/dataset/dialect.ts';
import { describeNotation } from '../../../domain/dataset/numbers/notation.ts';
import type { ReadColumn } from '../../../domain/dataset/numbers/column-reader.ts';
import type { RatingRows } from '../../../domain/dataset/rating-table.ts';
import { MAX_REPORTED_COLUMNS } from '../../../domain/run/step-results.ts';
import type { Frames } from './frames.ts';
import { everyRowDropped, noFeature, requireNumbers, requireVariety, type RowCounts } from './refusals.ts';
import { SHA256_BYTES, type CollectedRows, type RowChunk } from './row-collector.ts';
import { unpackTexts } from './text-store.ts';

export interface RowSelection {
  readonly facts: DatasetFacts;
  readonly batches: () => Generator<RatingRows>;
}

/**
 * Chooses the features and drops every row with a gap in a used column.
 *
 * @throws DatasetError when a used column is no numbers, no feature or row is left, or the target teaches nothing
 */
export function selectRows(
  file: string,
  dialect: Dialect,
  options: ReadOptions,
  collected: CollectedRows,
  frames: Frames,
): RowSelection {
  const { columns, read, chunks } = collected;
  const { names } = columns;
  const at = (position: number): ReadColumn => read[columns.candidates.indexOf(position)] as ReadColumn;
  const target = at(columns.target);
  requireNumbers(file, target, 'dataset.target');
  const named = options.features === 'numeric' ? null : options.features;
  const key = columns.key === null ? undefined : (names[columns.key] as string);
  const chosen = named
    ? null
    : chooseFeatures(read, {
        target: options.target,
        maxMissing: options.maxMissing,
        ...(key !== undefined && { key }),
      });
  const features = named ?? chosen?.features ?? [];
  const used = [...features.map((name) => at(names.indexOf(name))), target];
  if (named) for (const column of used) requireNumbers(file, column, 'dataset.features');
  const leftOut = leftOutColumns(collected, features, chosen?.leftOut ?? null);
  if (features.length === 0) throw noFeature(file, options.target, leftOut);

  const rows = { ...countRows(chunks, used, target), loaded: collected.loaded, bad: collected.badRows.count };
  if (rows.kept === 0) throw everyRowDropped(file, collected.loaded, used);
  requireVariety(file, options.target, rows);
  const { kept, empty, unreadable, loaded, bad } = rows;
  return {
    facts: {
      dialect,
      rows: { loaded, kept, dropped: bad + empty + unreadable, bad, empty, unreadable },
      badRows: collected.badRows,
      features,
      target: options.target,
      keyColumn: key ?? null,
      gaps: used
        .map((column) => toGaps(column, chunks))
        .filter(({ missing, unreadable: wrong }) => missing + wrong > 0)
        .sort((a, b) => b.missing + b.unreadable - a.missing - a.unreadable)
        .slice(0, MAX_REPORTED_COLUMNS),
      notations: used
        .flatMap(({ column, notation, sample }) =>
          notation === null ? [] : [{ column, notation: describeNotation(notation), sample: sample ?? '' }],
        )
        .slice(0, MAX_REPORTED_COLUMNS),
      leftOut: leftOut.slice(0, MAX_REPORTED_COLUMNS),
      leftOutCount: leftOut.length,
      keyless: chunks.reduce((sum, { hashes }) => sum + hashes.length / SHA256_BYTES, 0),
      keyCandidates: collected.keyCandidates
        .map((position) => names[position] as string)
        .filter((name) => !features.includes(name)),
    },
    *batches() {
      let from = 0;
      for (const chunk of chunks) {
        const values = used.map((column) => column.values(from, from + chunk.rows));
        from += chunk.rows;
        const { positions, columns: doubles } = frames.dropGaps(values);
        if (positions.length > 0) yield toRows(chunk, positions, doubles);
      }
    },
  };
}

function leftOutColumns(
  { columns, samples, read }: CollectedRows,
  features: readonly string[],
  chosen: readonly LeftOutColumn[] | null,
): LeftOutColumn[] {
  const { names, candidates, repeated, key, target } = columns;
  const rest = [...(chosen ?? [])];
  return names.flatMap((column, position): LeftOutColumn[] => {
    if (position === target || (column !== '' && features.includes(column))) return [];
    const sample = samples(position);
    if (repeated.includes(position)) {
      return [{ column, reason: 'another column has the same name', sample }];
    }
    if (position === key) return [{ column, reason: 'the key', sample }];
    if (chosen === null) return [{ column, reason: 'not named in dataset.features', sample }];
    const candidate = candidates.indexOf(position);
    const found = rest.findIndex((left) => left.column === read[candidate]?.column);
    return found === -1 ? [] : rest.splice(found, 1);
  });
}

function countRows(chunks: readonly RowChunk[], used: readonly ReadColumn[], target: ReadColumn): RowCounts {
  let [kept, empty, unreadable, minimum, maximum, from] = [0, 0, 0, Infinity, -Infinity, 0];
  for (const { rows } of chunks) {
    const values = used.map((column) => column.values(from, from + rows));
    const targets = values[used.indexOf(target)] as Float64Array;
    const gaps = countGaps(values, rows);
    for (let row = 0; row < rows; row += 1) {
      if (gaps[row] === 0) {
        kept += 1;
        minimum = Math.min(minimum, targets[row] as number);
        maximum = Math.max(maximum, targets[row] as number);
      } else if (gaps[row] === countMissing(used, from + row)) empty += 1;
      else unreadable += 1;
    }
    from += rows;
  }
  return { kept, empty, unreadable, minimum, maximum };
}

/** Of each row. */
function countGaps(columns: readonly Float64Array[], rows: number): Uint16Array {
  const gaps = new Uint16Array(rows);
  for (const column of columns) {
    for (let row = 0; row < rows; row += 1) {
      if (Number.isNaN(column[row])) gaps[row] = (gaps[row] as number) + 1;
    }
  }
  return gaps;
}

function countMissing(columns: readonly ReadColumn[], row: number): number {
  let missing = 0;
  for (const column of columns) if (column.isMissing(row)) missing += 1;
  return missing;
}

/** @param columns of the features, and last of the target; only the rows at these positions of the chunk */
function toRows(chunk: RowChunk, positions: readonly number[], columns: readonly Float64Array[]): RatingRows {
  const keys = rowKeys(chunk);
  const labels = chunk.labels && unpackTexts(chunk.labels);
  const id = (row: number): number => chunk.ids[row] as number;
  return {
    rowIds: Int32Array.from(positions, id),
    keys: positions.map((row) => keys[row] as string),
    labels: positions.map((row) => {
      const label = labels?.[row] ?? '';
      return label === '' ? `row ${id(row)}` : label;
    }),
    columns: columns.slice(0, -1),
    targets: columns.at(-1) as Float64Array,
  };
}

function rowKeys({ keys, hashes, rows }: RowChunk): string[] {
  const hex = Buffer.from(hashes.buffer, hashes.byteOffset, hashes.byteLength).toString('hex');
  let from = 0;
  const nextHash = (): string => hex.slice(from, (from += 64));
  return keys ? unpackTexts(keys).map((key) => key || nextHash()) : Array.from({ length: rows }, nextHash);
}

function toGaps(read: ReadColumn, chunks: readonly RowChunk[]): DatasetFacts['gaps'][number] {
  const { column, missing, unreadable, firstUnreadable: first } = read;
  return {
    column,
    missing,
    unreadable,
    ...(first && { firstUnreadable: { row: recordNumber(chunks, first.row), text: first.text } }),
  };
}

function recordNumber(chunks: readonly RowChunk[], position: number): number {
  let from = 0;
  for (const { ids, rows } of chunks) {
    if (position < from + rows) return ids[position - from] as number;
    from += rows;
  }
  return position;
}

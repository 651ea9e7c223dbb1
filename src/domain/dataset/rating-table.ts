import type { TableBatch, TableSchema } from '../table.ts';

export interface RatingSchema {
  readonly features: readonly string[];
  readonly target: string;
}

/** Some rows of the dataset that were kept, column by column. */
export interface RatingRows {
  /** The row's record number in the file, the header being 1: its line, unless a quoted field spans lines. */
  readonly rowIds: Int32Array;
  /** Rows of equal key are the same film; the key decides the split. */
  readonly keys: readonly string[];
  /** The title if the file has one, else the row number. */
  readonly labels: readonly string[];
  /** One array per feature, all of length `rowIds.length`, finite. */
  readonly columns: readonly Float64Array[];
  readonly targets: Float64Array;
}

/** What a record of a row is made of. */
export type RatingNumbers = Pick<RatingRows, 'rowIds' | 'columns' | 'targets'>;

/** Columns of a rating table's artifact that are no feature. */
export const ratingColumn = { row: '_row', key: '_key', label: '_label' } as const;

/** A feature may have any name: one that is reserved, here or in the log's tables, gets another underscore. */
const RESERVED = /^_+(row|key|label|actual|partition|offset)$/;

/** The name of a feature or target in the artifact. */
export function toColumnName(name: string): string {
  return RESERVED.test(name) ? `_${name}` : name;
}

/** See {@link toColumnName}. */
export function fromColumnName(name: string): string {
  return RESERVED.test(name) ? name.slice(1) : name;
}

/** Row id, key, label, the features in their order, the target. */
export function toTableSchema({ features, target }: RatingSchema): TableSchema {
  return {
    columns: [
      { name: ratingColumn.row, type: 'integer' },
      { name: ratingColumn.key, type: 'text' },
      { name: ratingColumn.label, type: 'text' },
      ...[...features, target].map((name) => ({ name: toColumnName(name), type: 'double' as const })),
    ],
  };
}

const COLUMNS_BEFORE_FEATURES = 3;

export function fromTableSchema({ columns }: TableSchema): RatingSchema {
  const doubles = columns.slice(COLUMNS_BEFORE_FEATURES).map(({ name }) => fromColumnName(name));
  return { features: doubles.slice(0, -1), target: doubles.at(-1) ?? '' };
}

export function toTableColumns({ rowIds, keys, labels, columns, targets }: RatingRows): TableBatch {
  return { rows: rowIds.length, columns: [rowIds, keys, labels, ...columns, targets] };
}

export function fromTableColumns({ columns }: TableBatch): RatingRows {
  const [rowIds, keys, labels, ...doubles] = columns;
  return {
    rowIds: rowIds as Int32Array,
    keys: keys as readonly string[],
    labels: labels as readonly string[],
    columns: doubles.slice(0, -1) as Float64Array[],
    targets: doubles.at(-1) as Float64Array,
  };
}

/** The given rows, in that order. */
export function takeRows(rows: RatingRows, positions: readonly number[]): RatingRows {
  const takeTexts = (values: readonly string[]) => positions.map((position) => values[position] as string);
  // Not `Float64Array.from`, which takes ten times as long.
  const take = <Values extends Float64Array | Int32Array>(values: Values, taken: Values): Values => {
    positions.forEach((position, i) => {
      taken[i] = values[position] as number;
    });
    return taken;
  };
  const takeDoubles = (values: Float64Array) => take(values, new Float64Array(positions.length));
  return {
    rowIds: take(rows.rowIds, new Int32Array(positions.length)),
    keys: takeTexts(rows.keys),
    labels: takeTexts(rows.labels),
    columns: rows.columns.map(takeDoubles),
    targets: takeDoubles(rows.targets),
  };
}

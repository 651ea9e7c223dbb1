/** Tables column by column, in batches: the form of every artifact whose size depends on the data. */

export type ColumnType = 'double' | 'integer' | 'text' | 'bytes';

export interface TableColumn {
  readonly name: string;
  readonly type: ColumnType;
}

export interface TableSchema {
  /** At least one; the names differ. */
  readonly columns: readonly TableColumn[];
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * double: Float64Array, NaN is missing. integer: Int32Array, none is missing. text and bytes: arrays, null is missing;
 * text is Unicode, so half of a surrogate pair becomes U+FFFD.
 */
export type ColumnValues =
  Float64Array | Int32Array | readonly (string | null)[] | readonly (Uint8Array | null)[];

export interface TableBatch {
  readonly rows: number;
  /** In the order of the schema, each `rows` long. */
  readonly columns: readonly ColumnValues[];
}

/** Rows of a batch in a file. With 20 columns of numbers, 1.3 MB: a few milliseconds of work. */
export const TABLE_BATCH_ROWS = 8_192;

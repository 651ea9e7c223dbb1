import type { ArtifactRef } from '../../domain/artifact.ts';
import {
  fromTableColumns,
  fromTableSchema,
  ratingColumn,
  toTableColumns,
  toTableSchema,
  type RatingNumbers,
  type RatingRows,
  type RatingSchema,
} from '../../domain/dataset/rating-table.ts';
import type { TableSchema } from '../../domain/table.ts';
import type { Tables } from '../tables.ts';

/** Stores the dataset or a split. See {@link Tables.write}. */
export async function writeRatingRows(
  tables: Tables,
  table: {
    readonly run: string;
    readonly name: string;
    readonly schema: RatingSchema;
    readonly rows: AsyncIterable<RatingRows> | Iterable<RatingRows>;
  },
): Promise<ArtifactRef> {
  const { run, name, schema, rows } = table;
  async function* batches() {
    for await (const some of rows) yield toTableColumns(some);
  }
  return tables.write({ run, name, schema: toTableSchema(schema), batches: batches() });
}

/** Batch by batch, in the order of the file. See {@link Tables.read}. */
export async function* readRatingRows(tables: Tables, ref: ArtifactRef): AsyncGenerator<RatingRows> {
  for await (const batch of tables.read(ref)) yield fromTableColumns(batch);
}

/** {@link readRatingRows} with the schema, which is known before the first batch is read. */
export async function openRatingRows(
  tables: Tables,
  ref: ArtifactRef,
): Promise<{ readonly schema: RatingSchema; readonly rows: AsyncIterable<RatingRows> }> {
  const schema = await ratingSchema(tables, ref);
  return { schema, rows: readRatingRows(tables, ref) };
}

export async function ratingSchema(tables: Tables, ref: ArtifactRef): Promise<RatingSchema> {
  return fromTableSchema(await tables.schema(ref));
}

export interface RatingColumns {
  readonly schema: RatingSchema;
  /** One array per feature, each of all rows. */
  readonly columns: readonly Float64Array[];
  readonly targets: Float64Array;
}

/** A table whose bytes are verified, and whose schema is known before its rows are read. */
export interface OpenRatingNumbers {
  readonly schema: RatingSchema;
  /** Once. Batch by batch, as {@link readRatingRows}. */
  readonly rows: () => AsyncIterable<RatingNumbers>;
  /** Ends the reading, also before its end. */
  readonly close: () => Promise<void>;
}

/** The rows without texts, which take longer to decode than all numbers. */
export async function openRatingNumbers(tables: Tables, ref: ArtifactRef): Promise<OpenRatingNumbers> {
  let schema: RatingSchema | undefined;
  const choose = (found: TableSchema): readonly string[] => {
    schema = fromTableSchema(found);
    return [ratingColumn.row, ...numberColumns(found)];
  };
  const batches = tables.read(ref, choose)[Symbol.asyncIterator]();
  const first = await batches.next();
  return {
    schema: schema as unknown as RatingSchema,
    async *rows() {
      for (let next = first; next.done !== true; next = await batches.next()) {
        const [rowIds, ...doubles] = next.value.columns;
        yield {
          rowIds: rowIds as Int32Array,
          columns: doubles.slice(0, -1) as Float64Array[],
          targets: doubles.at(-1) as Float64Array,
        };
      }
    },
    async close() {
      await batches.return?.();
    },
  };
}

/** The features and the target. */
function numberColumns({ columns }: TableSchema): readonly string[] {
  const reserved: readonly string[] = Object.values(ratingColumn);
  return columns.map(({ name }) => name).filter((name) => !reserved.includes(name));
}

/**
 * What a training needs, as a whole: 8 bytes a value. Keys and labels are not read.
 * @param chosen a 1 for each wanted row; all rows when absent
 */
export async function readTrainingSet(
  tables: Tables,
  ref: ArtifactRef,
  chosen?: Uint8Array,
): Promise<RatingColumns> {
  const rowCount = chosen === undefined ? ref.rows : chosen.reduce((sum, one) => sum + one, 0);
  let schema: RatingSchema | undefined;
  const doubles: Float64Array[] = [];
  const choose = (found: TableSchema): readonly string[] => {
    schema = fromTableSchema(found);
    const names = numberColumns(found);
    for (const _ of names) doubles.push(new Float64Array(rowCount));
    return names;
  };
  let row = 0;
  let read = 0;
  for await (const { rows, columns } of tables.read(ref, choose)) {
    const wanted = chosen?.subarray(read, read + rows);
    doubles.forEach((values, c) => {
      const all = columns[c] as Float64Array;
      values.set(wanted === undefined ? all : all.filter((_, i) => wanted[i] === 1), row);
    });
    row += wanted === undefined ? rows : wanted.reduce((sum, one) => sum + one, 0);
    read += rows;
  }
  return {
    schema: schema as RatingSchema,
    columns: doubles.slice(0, -1),
    targets: doubles.at(-1) as Float64Array,
  };
}

/** Titles of the wanted rows, by row id. */
export async function readTitles(
  tables: Tables,
  ref: ArtifactRef,
  wanted: ReadonlySet<number>,
): Promise<ReadonlyMap<number, string>> {
  const titles = new Map<number, string>();
  for await (const { columns } of tables.read(ref, [ratingColumn.row, ratingColumn.label])) {
    const [rowIds, labels] = columns as [Int32Array, readonly string[]];
    rowIds.forEach((rowId, i) => {
      if (wanted.has(rowId)) titles.set(rowId, labels[i] as string);
    });
  }
  return titles;
}

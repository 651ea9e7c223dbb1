import type { ArtifactRef } from '../domain/artifact.ts';
import type { TableBatch, TableSchema } from '../domain/table.ts';

/** Port: tables as artifacts, written and read batch by batch. Memory depends on a batch, not on the table. */
export interface Tables {
  /**
   * Stores a table under `<run>/<name>-<hash>.arrow`. Equal rows give equal bytes, however the caller cuts them into
   * batches. A batch is copied before the next one is asked for.
   *
   * @throws ArtifactStoreError, and what `batches` throws; nothing is stored then
   */
  write(table: {
    readonly run: string;
    readonly name: string;
    readonly schema: TableSchema;
    readonly batches: AsyncIterable<TableBatch> | Iterable<TableBatch>;
  }): Promise<ArtifactRef>;
  /**
   * The bytes are verified before the first batch is handed out. Batches have at most `TABLE_BATCH_ROWS` rows. Numbers
   * and bytes are views of the batch's memory: copy what outlives it.
   *
   * @param columns the wanted ones, in their order, all if left out; a function is called once with the verified schema
   * @throws ArtifactCorrupt when the bytes are not the referenced ones or no such table; ArtifactStoreError when they
   *   can't be read; InvalidInput when the uri leads out of the store
   */
  read(ref: ArtifactRef, columns?: ColumnChoice): AsyncIterable<TableBatch>;
  /** Of a verified table; throws as {@link read}. */
  schema(ref: ArtifactRef): Promise<TableSchema>;
}

export type ColumnChoice = readonly string[] | ((schema: TableSchema) => readonly string[]);

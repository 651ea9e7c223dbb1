import { setImmediate } from 'node:timers/promises';
import { RecordBatchReader } from 'apache-arrow';
import type { ArtifactStore } from '../../activities/artifact-store.ts';
import type { ColumnChoice, Tables } from '../../activities/tables.ts';
import type { ArtifactRef } from '../../domain/artifact.ts';
import { ArtifactCorrupt, PipelineError } from '../../domain/errors.ts';
import type { TableBatch, TableSchema } from '../../domain/table.ts';
import { BatchBuffer } from './batch-buffer.ts';
import { toTableBatch } from './batch-values.ts';
import { ArrowFileWriter, withoutMagic } from './file-format.ts';
import { fromArrowSchema, toArrowSchema } from './schema.ts';

/** Tables as Arrow IPC files. The only user of apache-arrow; see decision 0013. */
export function createArrowTables(artifacts: ArtifactStore): Tables {
  return {
    async write({ run, name, schema, batches }) {
      let rows = 0;
      async function* chunks(): AsyncGenerator<Uint8Array> {
        const arrowSchema = toArrowSchema(schema);
        const writer = new ArrowFileWriter(arrowSchema);
        const buffer = new BatchBuffer(arrowSchema, schema);
        for await (const batch of batches) {
          for (let from = 0; from < batch.rows;) {
            from = buffer.append(batch, from);
            if (buffer.full) yield writer.encode(buffer.take());
          }
          rows += batch.rows;
        }
        if (buffer.rows > 0) yield writer.encode(buffer.take());
        yield writer.end();
      }
      return { ...(await artifacts.writeStream({ run, name, extension: '.arrow', chunks: chunks() })), rows };
    },

    async *read(ref, columns) {
      let rows = 0;
      for await (const batch of readBatches(artifacts, ref, columns)) {
        rows += batch.rows;
        if (rows > ref.rows) throw noTable(ref, 'more rows');
        yield batch;
        // Heartbeats and other activities run between the batches of a large table.
        await setImmediate();
      }
      if (rows !== ref.rows) throw noTable(ref, `${rows} rows`);
    },

    async schema(ref) {
      let found: TableSchema | undefined;
      const batches = readBatches(artifacts, ref, (schema) => {
        found = schema;
        return [];
      });
      await batches.next();
      await batches.return(undefined);
      return found as unknown as TableSchema;
    },
  };
}

async function* readBatches(
  artifacts: ArtifactStore,
  ref: ArtifactRef,
  columns: ColumnChoice | undefined,
): AsyncGenerator<TableBatch> {
  const chunks = withoutMagic(artifacts.readStream(ref));
  try {
    const reader = await RecordBatchReader.from(chunks);
    await reader.open();
    const schema = fromArrowSchema(reader.schema);
    const wanted = positionsOf(schema, columns);
    for await (const batch of reader) {
      if (batch.numRows > 0) yield toTableBatch(batch, wanted);
    }
  } catch (error) {
    throw error instanceof PipelineError ? error : noTable(ref, (error as Error).message, error);
  } finally {
    // The library does not end what it has not begun to read.
    await chunks.return(undefined);
  }
}

function positionsOf(schema: TableSchema, choice: ColumnChoice | undefined) {
  const all = schema.columns.map(({ type }, position) => ({ type, position }));
  if (choice === undefined) return all;
  const names = typeof choice === 'function' ? choice(schema) : choice;
  return names.map((name) => {
    const found = all[schema.columns.findIndex((column) => column.name === name)];
    if (found === undefined) throw new RangeError(`no column "${name}"`);
    return found;
  });
}

function noTable({ uri, rows }: ArtifactRef, got: string, cause?: unknown): ArtifactCorrupt {
  return new ArtifactCorrupt({
    what: 'an artifact is not the expected table',
    where: uri,
    expected: `an Arrow file of ${rows} rows`,
    got,
    hint: 'Reset the run to the step that wrote it',
    cause,
  });
}

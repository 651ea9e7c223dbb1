import { createByteCopies } from '../../domain/log/bytes.ts';
import type { FindReader, ValueReader } from '../../domain/log/framed-value.ts';
import { copyRecord, type LogRecord } from '../../domain/log/record.ts';
import { pause } from '../heartbeat.ts';
import type { SchemaRegistry } from '../log/schema-registry.ts';

/** A topic has a few schemas; bytes that only look framed may name any number. */
const LOADED_AT_ONCE = 8;
/** Some milliseconds. */
const RECORDS_PER_TURN = 1_000;

/**
 * Records of a micro-batch whose schemas are not in memory. Schemas are asked for over the network, but records are
 * visited as they arrive. So these are set aside, at most the bytes of a micro-batch, until all others are read.
 */
export function createFramedRecords(schemas: SchemaRegistry | undefined) {
  const copyOf = createByteCopies();
  const waiting: LogRecord[] = [];
  const needed = new Set<number>();
  // The registry's memory is bounded; a schema of this batch must stay until its end.
  const loaded = new Map<number, ValueReader>();

  async function loadAll(registry: SchemaRegistry, signal: AbortSignal): Promise<void> {
    const ids = [...needed];
    for (let first = 0; first < ids.length; first += LOADED_AT_ONCE) {
      const some = ids.slice(first, first + LOADED_AT_ONCE);
      await Promise.all(some.map(async (id) => loaded.set(id, await registry.load(id, signal))));
    }
  }

  return {
    readerOf: ((schemaId) => loaded.get(schemaId) ?? schemas?.find(schemaId)) satisfies FindReader,

    /** Copies the record: its bytes are a view of the broker's response. */
    wait(record: LogRecord, schemaId: number): void {
      needed.add(schemaId);
      waiting.push(copyRecord(record, copyOf));
    },

    /** Loads the schemas and visits the records that wait for them. @throws SchemaRegistryError */
    async settle(visit: (record: LogRecord) => void, signal: AbortSignal): Promise<void> {
      if (!schemas || waiting.length === 0) return;
      await loadAll(schemas, signal);
      for (const [i, record] of waiting.entries()) {
        visit(record);
        if (i % RECORDS_PER_TURN === 0) await pause();
      }
    },
  };
}

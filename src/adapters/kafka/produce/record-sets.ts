import type { PartitionMetadata } from 'kafkajs';
import { createContentHash } from '../../../domain/log/content-hash.ts';
import type { OutgoingRecord } from '../../../domain/log/record.ts';
import { choosePartition } from '../client.ts';
import { partitionOf } from './partition.ts';
import { encodeHeaders, MAX_BATCH_BYTES, RecordBatch, type BatchMemory } from './record-batch.ts';

export interface PartitionRecords {
  readonly partition: number;
  readonly count: number;
  readonly hash: { value(): string };
  /** In the order in which they were added. */
  readonly batches: readonly RecordBatch[];
}

interface RecordSet extends PartitionRecords {
  count: number;
  readonly hash: ReturnType<typeof createContentHash>;
  readonly batches: RecordBatch[];
  last: RecordBatch;
}

/** Divides the records of a topic by partition, and encodes and hashes them. */
export function createRecordSets(
  topic: string,
  partitionMetadata: PartitionMetadata[],
  memory?: BatchMemory,
) {
  const sets = new Map<number, RecordSet>();
  let bytes = 0;
  const headersOf = createHeaderEncoder();

  function setOf(key: Uint8Array | null): RecordSet {
    const partition =
      key === null
        ? choosePartition({ topic, partitionMetadata, message: { value: null } })
        : partitionOf(key, partitionMetadata.length);
    const known = sets.get(partition);
    if (known) return known;
    const last = new RecordBatch(memory);
    const set = { partition, count: 0, hash: createContentHash(), batches: [last], last };
    sets.set(partition, set);
    return set;
  }

  return {
    add(record: OutgoingRecord): void {
      const key = toBytes(record.key);
      const value = toBytes(record.value);
      const headers = headersOf(record.headers);
      const set = setOf(key);
      const isFull = set.last.size + RecordBatch.sizeOf(key, value, headers) > MAX_BATCH_BYTES;
      if (isFull && set.last.records > 0) {
        set.last = new RecordBatch(memory);
        set.batches.push(set.last);
      }
      const before = set.last.size;
      set.last.append(key, value, headers);
      bytes += set.last.size - before;
      set.count += 1;
      set.hash.add({ key, value });
    },
    bytes: (): number => bytes,
    byPartition: (): PartitionRecords[] => [...sets.values()].sort((a, b) => a.partition - b.partition),
  };
}

function toBytes(part: string | Uint8Array | null): Uint8Array | null {
  return typeof part === 'string' ? Buffer.from(part) : part;
}

/** Many records share their headers. */
function createHeaderEncoder(): (headers: OutgoingRecord['headers']) => Uint8Array {
  let last: OutgoingRecord['headers'] | undefined;
  let encoded = encodeHeaders([]);
  return (headers) => {
    if (headers !== last) {
      encoded = encodeHeaders(headers);
      last = headers;
    }
    return encoded;
  };
}

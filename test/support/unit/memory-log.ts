import type { RecordPacker } from '../../../src/activities/log/record-packer.ts';
import { packRecords } from '../../../src/domain/log/packed-records.ts';
import type { RecordPublisher, RecordReader } from '../../../src/activities/log/record-log.ts';
import { createContentHash } from '../../../src/domain/log/content-hash.ts';
import type { OffsetRange, TopicManifest } from '../../../src/domain/log/offsets.ts';
import type { LogRecord, OutgoingRecord } from '../../../src/domain/log/record.ts';

export interface MemoryLog extends RecordPublisher, RecordReader {
  /** Every topic's records, all in partition 0; tests may add, change and remove. */
  readonly topics: Map<string, LogRecord[]>;
  append(topic: string, record: OutgoingRecord): void;
}

/** Both ports over arrays: one partition a topic, offsets with gaps as transaction markers leave them. */
export function createMemoryLog(): MemoryLog {
  const topics = new Map<string, LogRecord[]>();
  const published = new Map<string, TopicManifest[]>();
  const append = (topic: string, { key, value, headers }: OutgoingRecord): number => {
    const records = topics.get(topic) ?? [];
    topics.set(topic, records);
    const offset = (records.at(-1)?.offset ?? 0) + 2;
    records.push({
      partition: 0,
      offset,
      timestamp: '1700000000000',
      key: toBytes(key),
      value: toBytes(value),
      headers: headers.map(([name, text]): [string, Uint8Array] => [name, toBytes(text)]),
    });
    return offset;
  };
  const log: MemoryLog = {
    topics,
    append,
    async ensureTopics(names) {
      for (const name of names) topics.set(name, topics.get(name) ?? []);
    },
    async publishOnce({ names, batches }) {
      const known = published.get(names.markerGroup);
      if (known) return { manifests: known, alreadyPublished: true };
      const manifests = batches.map(({ topic, records }): TopicManifest => {
        const hash = createContentHash();
        const offsets = Array.from(records, (record) => {
          hash.add(record);
          return append(topic, record);
        });
        if (offsets.length === 0) return { topic, partitions: [] };
        const [offsetFrom, last] = [Math.min(...offsets), Math.max(...offsets)];
        const partition = {
          partition: 0,
          offsetFrom,
          offsetTo: last + 1,
          records: offsets.length,
          contentHash: hash.value(),
        };
        return { topic, partitions: [partition] };
      });
      published.set(names.markerGroup, manifests);
      return { manifests, alreadyPublished: false };
    },
    async publishRows({ topic, chunks, ...publication }) {
      const records: OutgoingRecord[] = [];
      for await (const chunk of chunks) for (const record of chunk) records.push(copyOf(record));
      const { manifests, alreadyPublished } = await log.publishOnce({
        ...publication,
        batches: [{ topic, records }],
      });
      return { manifest: manifests[0] as TopicManifest, alreadyPublished };
    },
    async findPublished({ markerGroup }) {
      return published.get(markerGroup);
    },
    async maxRecordBytes() {
      return 1_000_000;
    },
    async readRanges({ topic, ranges, onRecord }) {
      const unread: OffsetRange[] = [];
      for (const range of ranges) {
        const isWanted = ({ partition, offset }: LogRecord): boolean =>
          partition === range.partition && offset >= range.offsetFrom && offset < range.offsetTo;
        for (const record of (topics.get(topic) ?? []).filter(isWanted)) {
          if (unread.some(({ partition }) => partition === range.partition)) break;
          onRecord(record, () => unread.push({ ...range, offsetFrom: record.offset }));
        }
      }
      return unread;
    },
  };
  return log;
}

function copyOf({ key, value, headers }: OutgoingRecord): OutgoingRecord {
  return { key: toBytes(key), value: toBytes(value), headers };
}

function toBytes<T extends string | Uint8Array | null>(text: T): T extends null ? null : Uint8Array;
function toBytes(text: string | Uint8Array | null): Uint8Array | null {
  return typeof text === 'string' ? new TextEncoder().encode(text) : (text?.slice() ?? null);
}

/** Makes records without a thread. */
export const packer: RecordPacker = {
  pack: async (form, rows) => packRecords(form, rows),
};

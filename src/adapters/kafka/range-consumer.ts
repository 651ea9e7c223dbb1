import { randomUUID } from 'node:crypto';
import type { Consumer, Kafka, KafkaMessage } from 'kafkajs';
import { toOffset, type OffsetRange } from '../../domain/log/offsets.ts';
import type { LogRecord } from '../../domain/log/record.ts';
import { hideAbortedRecords } from './aborted-records.ts';
import { isTransient } from './errors.ts';
import { fromHeaders } from './messages.ts';

/** How long a resumed partition may wait for the next fetch. */
const MAX_FETCH_WAIT_MS = 25;

export interface RangeRead {
  readonly ranges: readonly OffsetRange[];
  readonly signal: AbortSignal;
  readonly onProgress: (records: number) => void;
}

/** A consumer alone in its group, so that it owns every partition and can seek: kafkajs has no manual assignment. */
export interface RangeConsumer {
  /** One read at a time. A consumer whose read failed is broken: close it. */
  read(read: RangeRead): Promise<LogRecord[]>;
  owns(ranges: readonly OffsetRange[]): boolean;
  close(): Promise<void>;
}

interface PartitionRead {
  readonly partition: number;
  /** With gaps between them, perhaps. */
  readonly wanted: readonly OffsetRange[];
  /** Exclusive. */
  readonly end: number;
  /** Next offset that has not been seen, control records included. */
  position: number;
  readonly records: LogRecord[];
}

interface Session {
  readonly partitions: ReadonlyMap<number, PartitionRead>;
  readonly onProgress: (records: number) => void;
  readonly resolve: (records: LogRecord[]) => void;
  readonly reject: (error: Error) => void;
}

export async function createRangeConsumer(
  kafka: Kafka,
  topic: string,
  signal: AbortSignal,
): Promise<RangeConsumer> {
  hideAbortedRecords();
  const consumer = kafka.consumer({
    groupId: `imdb-reader-${randomUUID()}`,
    readUncommitted: false,
    allowAutoTopicCreation: false,
    maxWaitTimeInMs: MAX_FETCH_WAIT_MS,
  });
  let session: Session | undefined;
  let owned: readonly number[] = [];

  function fail(error: Error): void {
    session?.reject(error);
    session = undefined;
  }

  /** @param lastOffset of everything fetched, control and aborted records included, which are not in `messages` */
  function accept(partition: number, messages: readonly KafkaMessage[], lastOffset: number): void {
    const current = session;
    const read = current?.partitions.get(partition);
    if (!current || !read || isComplete(read)) return;
    for (const message of messages) {
      const offset = toOffset(message.offset);
      if (offset >= read.position && isWanted(read, offset)) {
        read.records.push(toLogRecord(partition, offset, message));
      }
    }
    read.position = Math.max(read.position, lastOffset + 1);
    if (isComplete(read)) consumer.pause([{ topic, partitions: [partition] }]);
    const all = [...current.partitions.values()];
    current.onProgress(all.reduce((sum, { records }) => sum + records.length, 0));
    if (!all.every(isComplete)) return;
    // Does nothing if an abort in onProgress has already rejected.
    current.resolve(all.flatMap(({ records }) => records));
    if (session === current) session = undefined;
  }

  try {
    await joinPaused(
      consumer,
      topic,
      signal,
      accept,
      (partitions) => {
        owned = partitions;
        fail(new Error('the consumer had to rejoin its group'));
      },
      fail,
    );
  } catch (error) {
    await consumer.disconnect().catch(() => undefined);
    throw error;
  }

  return {
    async read({ ranges, signal, onProgress }) {
      signal.throwIfAborted();
      const abort = (): void => {
        fail(signal.reason as Error);
      };
      // This consumer outlives the read: a signal that aborts later must not end the next read.
      signal.addEventListener('abort', abort);
      try {
        return await new Promise((resolve, reject) => {
          const partitions = toPartitionReads(ranges);
          session = { partitions, onProgress, resolve, reject };
          for (const { partition, position } of partitions.values()) {
            consumer.seek({ topic, partition, offset: String(position) });
          }
          consumer.resume([{ topic, partitions: [...partitions.keys()] }]);
        });
      } finally {
        signal.removeEventListener('abort', abort);
      }
    },
    owns: (ranges) => ranges.every(({ partition }) => owned.includes(partition)),
    close: () => consumer.disconnect(),
  };
}

function toPartitionReads(ranges: readonly OffsetRange[]): Map<number, PartitionRead> {
  const reads = ranges.map(({ partition }): [number, PartitionRead] => {
    const wanted = ranges.filter((range) => range.partition === partition);
    const position = Math.min(...wanted.map(({ offsetFrom }) => offsetFrom));
    const end = Math.max(...wanted.map(({ offsetTo }) => offsetTo));
    return [partition, { partition, wanted, end, position, records: [] }];
  });
  return new Map(reads);
}

function isWanted({ wanted }: PartitionRead, offset: number): boolean {
  return wanted.some(({ offsetFrom, offsetTo }) => offset >= offsetFrom && offset < offsetTo);
}

/** Joins the group and pauses everything before the first fetch. A later rejoin loses its positions: the read fails. */
async function joinPaused(
  consumer: Consumer,
  topic: string,
  signal: AbortSignal,
  accept: (partition: number, messages: readonly KafkaMessage[], lastOffset: number) => void,
  onJoin: (partitions: readonly number[]) => void,
  fail: (error: Error) => void,
): Promise<void> {
  const joined = new Promise<void>((resolve, reject) => {
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
      const partitions = payload.memberAssignment[topic] ?? [];
      consumer.pause([{ topic, partitions }]);
      onJoin(partitions);
      resolve();
    });
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      fail(payload.error);
      if (!(payload.restart && isTransient(payload.error))) reject(payload.error);
    });
    signal.addEventListener('abort', () => {
      reject(signal.reason as Error);
    });
  });
  // Awaited below: a rejection before that must not count as unhandled.
  joined.catch(() => undefined);
  // `eachBatch` is not called for a fetch of control and aborted records only.
  consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload }) => {
    if (payload.batchSize === 0) accept(payload.partition, [], toOffset(payload.lastOffset));
  });
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    eachBatch: async ({ batch }) => {
      accept(batch.partition, batch.messages, toOffset(batch.lastOffset()));
    },
  });
  await joined;
}

function isComplete({ position, end }: PartitionRead): boolean {
  return position >= end;
}

function toLogRecord(
  partition: number,
  offset: number,
  { key, value, headers, timestamp }: KafkaMessage,
): LogRecord {
  return { partition, offset, timestamp, key, value, headers: fromHeaders(headers) };
}

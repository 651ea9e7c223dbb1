import { randomUUID } from 'node:crypto';
import type { Consumer, EachBatchPayload, IHeaders, Kafka, KafkaMessage } from 'kafkajs';
import { toOffset, type OffsetRange } from '../domain/offsets.ts';
import type { LogRecord } from '../domain/record.ts';

/** What a resumed partition may wait for the next fetch. */
const MAX_FETCH_WAIT_MS = 25;

export interface RangeRead {
  readonly ranges: readonly OffsetRange[];
  readonly signal: AbortSignal;
  readonly onProgress: (records: number) => void;
}

/** A consumer alone in its group, so that it owns every partition and may seek; kafkajs has no manual assignment. */
export interface RangeConsumer {
  /** One read at a time. A consumer whose read failed is broken: close it. */
  read(read: RangeRead): Promise<LogRecord[]>;
  close(): Promise<void>;
}

interface PartitionRead extends OffsetRange {
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

export async function createRangeConsumer(kafka: Kafka, topic: string): Promise<RangeConsumer> {
  const consumer = kafka.consumer({
    groupId: `imdb-reader-${randomUUID()}`,
    readUncommitted: false,
    allowAutoTopicCreation: false,
    maxWaitTimeInMs: MAX_FETCH_WAIT_MS,
  });
  let session: Session | undefined;

  function fail(error: Error): void {
    session?.reject(error);
    session = undefined;
  }

  function accept({ batch }: EachBatchPayload): void {
    const partition = session?.partitions.get(batch.partition);
    if (!session || !partition || isComplete(partition)) return;
    for (const message of batch.messages) {
      const offset = toOffset(message.offset);
      if (offset >= partition.position && offset < partition.offsetTo) {
        partition.records.push(toLogRecord(batch.partition, offset, message));
      }
    }
    // Control records are not delivered, but count here.
    partition.position = Math.max(partition.position, toOffset(batch.lastOffset()) + 1);
    const all = [...session.partitions.values()];
    session.onProgress(all.reduce((sum, { records }) => sum + records.length, 0));
    if (!isComplete(partition)) return;
    consumer.pause([{ topic, partitions: [batch.partition] }]);
    if (!all.every(isComplete)) return;
    session.resolve(all.flatMap(({ records }) => records));
    session = undefined;
  }

  await joinPaused(consumer, topic, accept, fail);

  return {
    read({ ranges, signal, onProgress }) {
      return new Promise((resolve, reject) => {
        signal.throwIfAborted();
        const partitions = new Map(
          ranges.map((range) => [range.partition, { ...range, position: range.offsetFrom, records: [] }]),
        );
        session = { partitions, onProgress, resolve, reject };
        signal.addEventListener('abort', () => {
          fail(signal.reason as Error);
        });
        for (const { partition, offsetFrom } of ranges) {
          consumer.seek({ topic, partition, offset: String(offsetFrom) });
        }
        consumer.resume([{ topic, partitions: [...partitions.keys()] }]);
      });
    },
    close: () => consumer.disconnect(),
  };
}

/** Joins the group and pauses everything before the first fetch. A later rejoin has lost its positions: fails the read. */
async function joinPaused(
  consumer: Consumer,
  topic: string,
  accept: (payload: EachBatchPayload) => void,
  fail: (error: Error) => void,
): Promise<void> {
  const joined = new Promise<void>((resolve, reject) => {
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
      consumer.pause([{ topic, partitions: payload.memberAssignment[topic] ?? [] }]);
      fail(new Error('the consumer had to rejoin its group'));
      resolve();
    });
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      fail(payload.error);
      reject(payload.error);
    });
  });
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    eachBatch: async (payload) => {
      accept(payload);
    },
  });
  await joined;
}

function isComplete({ position, offsetTo }: PartitionRead): boolean {
  return position >= offsetTo;
}

function toLogRecord(
  partition: number,
  offset: number,
  { key, value, headers, timestamp }: KafkaMessage,
): LogRecord {
  return { partition, offset, timestamp, key, value, headers: toHeaders(headers) };
}

function toHeaders(headers: IHeaders | undefined): [string, Uint8Array][] {
  return Object.entries(headers ?? {}).flatMap(([name, values]) =>
    [values].flat().map((value): [string, Uint8Array] => [name, Buffer.from(value ?? '')]),
  );
}

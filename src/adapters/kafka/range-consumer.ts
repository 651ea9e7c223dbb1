import { randomUUID } from 'node:crypto';
import type { Consumer, Kafka } from 'kafkajs';
import type { OnRecord } from '../../activities/log/record-log.ts';
import { BrokerRefused, MalformedRecord } from '../../domain/errors.ts';
import { describeRanges, toOffset, type OffsetRange } from '../../domain/log/offsets.ts';
import type { LogRecord } from '../../domain/log/record.ts';
import { isTransient } from './errors.ts';
import { visitRecords, type RecordBatch } from './fetch/record-batch.ts';
import { restWithoutWork } from './fetch/fetch-loop.ts';
import { installFetchDecoder, OWN_DECODER, type FetchedBatches } from './fetch/response.ts';
import { advance, isComplete, toPartitionReads, toUnread, type PartitionRead } from './partition-read.ts';

/** How long the broker may keep a fetch that finds nothing. */
const MAX_FETCH_WAIT_MS = 25;
/** kafkajs sends no heartbeats to the group while it inflates a response, and a huge one takes long. */
const SESSION_TIMEOUT_MS = 2 * 60_000;

export interface RangeRead {
  readonly ranges: readonly OffsetRange[];
  readonly signal: AbortSignal;
  readonly onRecord: OnRecord;
  /** After each response, also of records that are not wanted. */
  readonly onFetched: () => void;
}

/** A consumer alone in its group, so that it owns every partition and can seek: kafkajs has no manual assignment. */
export interface RangeConsumer {
  /** One read at a time. A consumer whose read failed is broken: close it. @returns what was left unread */
  read(read: RangeRead): Promise<readonly OffsetRange[]>;
  owns(ranges: readonly OffsetRange[]): boolean;
  close(): Promise<void>;
}

interface Session extends Pick<RangeRead, 'onRecord' | 'onFetched'> {
  readonly partitions: ReadonlyMap<number, PartitionRead>;
  readonly resolve: (unread: readonly OffsetRange[]) => void;
  readonly reject: (error: Error) => void;
}

export async function createRangeConsumer(
  kafka: Kafka,
  topic: string,
  signal: AbortSignal,
): Promise<RangeConsumer> {
  installFetchDecoder();
  const groupId = `imdb-reader-${randomUUID()}`;
  const consumer = kafka.consumer({
    groupId,
    readUncommitted: false,
    allowAutoTopicCreation: false,
    maxWaitTimeInMs: MAX_FETCH_WAIT_MS,
    sessionTimeout: SESSION_TIMEOUT_MS,
    rackId: OWN_DECODER,
  });
  let session: Session | undefined;
  let owned: readonly number[] = [];
  let isClosed = false;
  const rest = restWithoutWork(groupId, () => session !== undefined || isClosed);

  async function close(): Promise<void> {
    isClosed = true;
    rest.wake();
    await consumer.disconnect().finally(rest.end);
  }

  function fail(error: Error): void {
    session?.reject(error);
    session = undefined;
  }

  /** @param lastOffset of everything fetched, control and aborted records included */
  async function accept(
    partition: number,
    fetched: readonly Partial<FetchedBatches>[],
    lastOffset: number,
  ): Promise<void> {
    const current = session;
    const read = current?.partitions.get(partition);
    if (!current || !read || isComplete(read)) return;
    try {
      for (const { batches } of fetched) {
        if (!batches) throw tooOld(topic);
        for (const batch of batches) await visitBatch(current, read, partition, batch);
      }
      current.onFetched();
    } catch (error) {
      fail(error as Error);
      return;
    }
    if (read.stoppedAt === undefined) advance(read, lastOffset + 1);
    if (isComplete(read)) consumer.pause([{ topic, partitions: [partition] }]);
    else if (read.position > lastOffset + 1) {
      // Others may have written any amount in between.
      consumer.seek({ topic, partition, offset: String(read.position) });
    }
    const all = [...current.partitions.values()];
    if (!all.every(isComplete)) return;
    // Does nothing if an abort in a callback has already rejected.
    current.resolve(all.flatMap(toUnread));
    if (session === current) session = undefined;
  }

  async function visitBatch(
    current: Session,
    read: PartitionRead,
    partition: number,
    batch: RecordBatch,
  ): Promise<void> {
    const isReading = (): boolean => session === current && !isComplete(read);
    const before = read.position;
    if (!isReading() || batch.lastOffset < before) return;
    let next = before;
    let failure: { readonly error: unknown } | undefined;
    try {
      await visitRecords(partition, batch, before, (record) => {
        next = record.offset + 1;
        try {
          visit(read, record, current.onRecord);
        } catch (error) {
          failure = { error };
        }
        return failure === undefined && isReading();
      });
    } catch (cause) {
      const offsetFrom = Math.max(next, batch.baseOffset);
      requireUnwanted(topic, read, { partition, offsetFrom, offsetTo: batch.lastOffset + 1 }, cause);
    }
    if (failure) throw failure.error;
  }

  function visit(read: PartitionRead, record: LogRecord, onRecord: OnRecord): void {
    advance(read, record.offset);
    if (record.offset < read.position || isComplete(read)) return;
    onRecord(record, () => {
      read.stoppedAt = record.offset;
    });
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
    await close().catch(() => undefined);
    throw error;
  }

  return {
    async read({ ranges, signal, onRecord, onFetched }) {
      signal.throwIfAborted();
      const abort = (): void => {
        fail(signal.reason as Error);
      };
      // This consumer outlives the read: a signal that aborts later must not end the next read.
      signal.addEventListener('abort', abort);
      try {
        return await new Promise((resolve, reject) => {
          const partitions = toPartitionReads(ranges);
          session = { partitions, onRecord, onFetched, resolve, reject };
          for (const [partition, { position }] of partitions) {
            consumer.seek({ topic, partition, offset: String(position) });
          }
          consumer.resume([{ topic, partitions: [...partitions.keys()] }]);
          rest.wake();
        });
      } finally {
        signal.removeEventListener('abort', abort);
      }
    },
    owns: (ranges) => ranges.every(({ partition }) => owned.includes(partition)),
    close,
  };
}

/** Joins the group and pauses everything before the first fetch. A later rejoin loses its positions: the read fails. */
async function joinPaused(
  consumer: Consumer,
  topic: string,
  signal: AbortSignal,
  accept: (
    partition: number,
    fetched: readonly Partial<FetchedBatches>[],
    lastOffset: number,
  ) => Promise<void>,
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
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    eachBatch: async ({ batch }) => {
      const fetched = batch.messages as unknown as FetchedBatches[];
      await accept(batch.partition, fetched, toOffset(batch.lastOffset()));
    },
  });
  await joined;
}

/** kafkajs has decoded the response, because the broker does not speak the version that is decoded here. */
function tooOld(topic: string): BrokerRefused {
  return new BrokerRefused({
    what: 'the broker is too old to be read from',
    where: topic,
    expected: 'Kafka 2.3 or later (fetch version 11)',
    hint: 'Upgrade the broker',
  });
}

function requireUnwanted(topic: string, read: PartitionRead, unreadable: OffsetRange, cause: unknown): void {
  const lost = { ...unreadable, offsetFrom: Math.max(unreadable.offsetFrom, read.position) };
  if (!read.wanted.some((range) => range.offsetFrom < lost.offsetTo && range.offsetTo > lost.offsetFrom))
    return;
  throw new MalformedRecord({
    what: 'a record batch cannot be read',
    where: describeRanges(topic, [lost]),
    expected: 'no compression, gzip, snappy, lz4 or zstd',
    got: String(cause),
    hint: 'Find the producer; no consumer can read these records, so their micro-batch must be skipped',
    cause,
  });
}

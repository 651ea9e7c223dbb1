import { setTimeout } from 'node:timers/promises';
import type { Kafka } from 'kafkajs';
import type { OnRecord, RangesRead, RecordReader } from '../../activities/log/record-log.ts';
import type { KafkaSettings } from '../../config.ts';
import { BrokerError, OffsetsOutOfRange } from '../../domain/errors.ts';
import { describeRanges, type OffsetRange } from '../../domain/log/offsets.ts';
import type { PartitionOffsets } from '../../domain/stream/stream-plan.ts';
import { fetchOffsetsOf, type KafkaAdmin } from './admin.ts';
import { createKafkaCall } from './errors.ts';
import { createRangeConsumer, type RangeConsumer, type RangeRead } from './range-consumer.ts';

/**
 * Committed records arrive in milliseconds: after so long without any, the broker is down or slow, or another
 * transaction is open.
 */
const READ_TIMEOUT_MS = 60_000;
const STABLE_POLL_MS = 20;
/** A read takes milliseconds; a longer one may be waiting for records that are gone. */
const RETAINED_POLL_MS = 2_000;
/** Joining a group costs 3 s on an ordinary broker, so a consumer waits this long for the next read. */
const IDLE_CLOSE_MS = 5 * 60_000;

interface Deps {
  readonly kafka: Kafka;
  readonly admin: KafkaAdmin;
  readonly settings: KafkaSettings;
}

/** With a callback for every response. */
type WatchedRead = RangesRead & Pick<RangeRead, 'onFetched'>;

interface IdleConsumer {
  readonly topic: string;
  readonly consumer: RangeConsumer;
  readonly closing: NodeJS.Timeout;
}

export function createKafkaReader({
  kafka,
  admin,
  settings,
}: Deps): RecordReader & { close(): Promise<void> } {
  const kafkaCall = createKafkaCall(settings);
  const idle = new Set<IdleConsumer>();

  /** Reuses an idle consumer that owns the partitions: one that joined before a partition was added does not own it. */
  async function acquire(
    topic: string,
    ranges: readonly OffsetRange[],
    signal: AbortSignal,
  ): Promise<RangeConsumer> {
    const waiting = [...idle].find((entry) => entry.topic === topic && entry.consumer.owns(ranges));
    if (!waiting) return createRangeConsumer(kafka, topic, signal);
    idle.delete(waiting);
    clearTimeout(waiting.closing);
    return waiting.consumer;
  }

  function release(topic: string, consumer: RangeConsumer): void {
    const closing = globalThis
      .setTimeout(() => {
        idle.delete(entry);
        void close(consumer);
      }, IDLE_CLOSE_MS)
      .unref();
    const entry: IdleConsumer = { topic, consumer, closing };
    idle.add(entry);
  }

  /**
   * Asks first, because kafkajs silently moves a consumer whose offsets do not exist. The last stable offset lags for a
   * moment behind a transaction that has just been committed, and for longer behind one that is still open.
   */
  async function untilAvailable(
    topic: string,
    ranges: readonly OffsetRange[],
    signal: AbortSignal,
  ): Promise<void> {
    for (;;) {
      const available = await fetchOffsetsOf(admin, topic);
      requireRetained(topic, ranges, available);
      const high = new Map(available.map((offsets) => [offsets.partition, offsets.high]));
      if (ranges.every(({ partition, offsetTo }) => offsetTo <= (high.get(partition) ?? 0))) return;
      await setTimeout(STABLE_POLL_MS, undefined, { signal });
    }
  }

  /** Rejects when the records are gone, and never resolves: kafkajs silently moves a consumer whose records are gone. */
  async function untilGone(
    topic: string,
    ranges: readonly OffsetRange[],
    signal: AbortSignal,
  ): Promise<never> {
    for (;;) {
      await setTimeout(RETAINED_POLL_MS, undefined, { signal });
      requireRetained(topic, ranges, await fetchOffsetsOf(admin, topic));
    }
  }

  async function readWith(consumer: RangeConsumer, read: WatchedRead): Promise<readonly OffsetRange[]> {
    const { topic, ranges, signal } = read;
    const ended = new AbortController();
    const reading = AbortSignal.any([signal, ended.signal]);
    const gone = untilGone(topic, ranges, reading);
    gone.catch(() => undefined);
    try {
      const unread = await Promise.race([consumer.read({ ...read, signal: reading }), gone]);
      // A consumer that was moved may have reached the end of the range there.
      requireRetained(topic, ranges, await fetchOffsetsOf(admin, topic));
      return unread;
    } finally {
      ended.abort(new Error('the read has ended'));
    }
  }

  async function readAvailable(read: WatchedRead): Promise<readonly OffsetRange[]> {
    const { topic, ranges, signal } = read;
    await untilAvailable(topic, ranges, signal);
    const consumer = await acquire(topic, ranges, signal);
    try {
      const unread = await readWith(consumer, read);
      release(topic, consumer);
      return unread;
    } catch (error) {
      void close(consumer);
      throw error;
    }
  }

  async function readInTime(read: RangesRead): Promise<readonly OffsetRange[]> {
    const { topic, ranges, signal } = read;
    const timeout = new AbortController();
    const timer = globalThis.setTimeout(() => {
      timeout.abort(new Error('no records in time'));
    }, READ_TIMEOUT_MS);
    try {
      const timely = AbortSignal.any([signal, timeout.signal]);
      return await readAvailable({ ...read, signal: timely, onFetched: () => timer.refresh() });
    } catch (cause) {
      if (!timeout.signal.aborted || signal.aborted) throw cause;
      throw notReadable(topic, ranges, cause, await fetchOffsetsOf(admin, topic).catch(() => []));
    } finally {
      clearTimeout(timer);
    }
  }

  return {
    async readRanges(read) {
      const { topic } = read;
      const ranges = read.ranges.filter(({ offsetFrom, offsetTo }) => offsetFrom < offsetTo);
      if (ranges.length === 0) return [];
      let failure: { readonly error: unknown } | undefined;
      const onRecord: OnRecord = (record, leave) => {
        try {
          read.onRecord(record, leave);
        } catch (error) {
          failure = { error };
          throw error;
        }
      };
      try {
        return await kafkaCall('cannot read', describeRanges(topic, ranges), () =>
          readInTime({ ...read, ranges, onRecord }),
        );
      } catch (error) {
        // What the visitor throws says nothing about the broker.
        throw failure ? failure.error : error;
      }
    },

    async close() {
      await Promise.all([...idle].map(({ consumer, closing }) => (clearTimeout(closing), close(consumer))));
      idle.clear();
    },
  };
}

/** The records are read: an error of leaving the group must not end the worker. */
async function close(consumer: RangeConsumer): Promise<void> {
  await consumer.close().catch(() => undefined);
}

function requireRetained(
  topic: string,
  ranges: readonly OffsetRange[],
  available: readonly PartitionOffsets[],
): void {
  for (const { partition, offsetFrom, offsetTo } of ranges) {
    const offsets = available.find((known) => known.partition === partition);
    if (offsets && offsets.low <= offsetFrom) continue;
    throw new OffsetsOutOfRange({
      what: offsets ? 'records have aged out of the topic' : 'the topic or partition does not exist',
      where: `${topic}[${partition}]`,
      expected: `offsets ${offsetFrom}..${offsetTo - 1}`,
      got: offsets ? `${offsets.low}..${offsets.high - 1}` : 'none',
      hint: 'Retention removed them, or the topic was deleted; start a new run, with longer retention',
    });
  }
}

function notReadable(
  topic: string,
  ranges: readonly OffsetRange[],
  cause: unknown,
  available: readonly PartitionOffsets[],
): Error {
  if (cause instanceof OffsetsOutOfRange) return cause;
  return new BrokerError({
    what: 'the range cannot be read to its end',
    where: describeRanges(topic, ranges),
    expected: `the next records within ${READ_TIMEOUT_MS / 1000} s`,
    got: available.map(({ partition, low, high }) => `${topic}[${partition}]@${low}..${high - 1}`).join(', '),
    hint: 'An open transaction of another producer blocks it, or the topic was truncated; retried',
    cause,
  });
}

import getPort from 'get-port';
import type { Admin, Transaction } from 'kafkajs';
import { describe, expect, onTestFinished } from 'vitest';
import type { RecordReader } from '../../src/activities/record-log.ts';
import type { KafkaAdmin } from '../../src/adapters/kafka-admin.ts';
import { BrokerError, OffsetsOutOfRange } from '../../src/domain/errors.ts';
import { mergeManifests, planMicroBatches, type OffsetRange } from '../../src/domain/offsets.ts';
import type { TestEnvironment } from '../support/environment.ts';
import { pollUntil } from '../support/poll-until.ts';
import {
  createRecordLog,
  keysOf,
  newNames,
  newRecords,
  placesOf,
  readSettled,
  test,
  UNWATCHED,
  type RecordLog,
} from '../support/record-log.ts';

async function newTopic(environment: TestEnvironment, { publisher }: RecordLog): Promise<string> {
  const topic = environment.newTopic();
  await publisher.ensureTopics([topic]);
  return topic;
}

async function publish({ publisher }: RecordLog, topic: string, prefix: string, count: number) {
  const batches = [{ topic, records: newRecords(prefix, count) }];
  const { manifests } = await publisher.publishOnce({ names: newNames(), batches, ...UNWATCHED });
  return mergeManifests(topic, manifests);
}

async function publishAborted({ publisher }: RecordLog, topic: string, prefix: string, count: number) {
  const batches = [{ topic, records: newRecords(prefix, count) }];
  const controller = new AbortController();
  const publication = { names: newNames(), batches, signal: controller.signal };
  await expect(
    publisher.publishOnce({
      ...publication,
      onProgress: () => {
        controller.abort(new Error('aborted'));
      },
    }),
  ).rejects.toThrow('aborted');
}

/** A transaction of somebody else, with a record in partition 0; ended with the test. */
async function beginTransaction(
  { kafka }: TestEnvironment,
  topic: string,
  key: string,
): Promise<Transaction> {
  const { transactionalId } = newNames();
  const producer = kafka.producer({ transactionalId, idempotent: true, maxInFlightRequests: 1 });
  await producer.connect();
  onTestFinished(() => producer.disconnect());
  const transaction = await producer.transaction();
  onTestFinished(async () => {
    if (transaction.isActive()) await transaction.abort();
  });
  await transaction.send({ topic, messages: [{ partition: 0, key, value: key }] });
  return transaction;
}

/** Everything a topic holds, transaction markers at the end included. */
async function wholeTopic(admin: Admin, topic: string): Promise<OffsetRange[]> {
  const offsets = await admin.fetchTopicOffsets(topic);
  return offsets
    .map(({ partition, low, high }) => ({ partition, offsetFrom: Number(low), offsetTo: Number(high) }))
    .sort((a, b) => a.partition - b.partition);
}

function within(ranges: readonly OffsetRange[]) {
  return (message: { readonly partition: number; readonly offset: string }) =>
    ranges.some(
      ({ partition, offsetFrom, offsetTo }) =>
        partition === message.partition &&
        Number(message.offset) >= offsetFrom &&
        Number(message.offset) < offsetTo,
    );
}

/** Reads batches as the stream does: `lanes` at a time. */
async function readBatches(
  reader: RecordReader,
  topic: string,
  batches: readonly (readonly OffsetRange[])[],
  lanes: number,
) {
  const readLane = async (lane: number) => {
    const records = [];
    for (const ranges of batches.filter((_, i) => i % lanes === lane)) {
      records.push(...(await reader.readRanges({ topic, ranges, ...UNWATCHED })));
    }
    return records;
  };
  return (await Promise.all(Array.from({ length: lanes }, (_, lane) => readLane(lane)))).flat();
}

describe('a read', () => {
  test('returns exactly the committed records of its ranges, whoever wrote around and between them', async ({
    environment,
    log,
  }) => {
    const topic = await newTopic(environment, log);
    await publish(log, topic, 'before', 20);
    const first = await publish(log, topic, 'mine', 20);
    await publishAborted(log, topic, 'aborted', 20);
    await publish(log, topic, 'other', 20);
    const second = await publish(log, topic, 'mine-too', 20);
    await publish(log, topic, 'after', 20);
    const all = await readSettled(environment, topic);

    for (const { partitions: ranges } of [first, second, mergeManifests(topic, [first, second])]) {
      const records = await log.reader.readRanges({ topic, ranges, ...UNWATCHED });
      expect(placesOf(records)).toEqual(placesOf(all.filter(within(ranges))));
    }
    const own = await log.reader.readRanges({ topic, ranges: first.partitions, ...UNWATCHED });
    expect(keysOf(own)).toEqual(keysOf(newRecords('mine', 20)));
  });

  test('in micro-batches cut anywhere, markers included, returns every record exactly once', async ({
    environment,
    log,
    admin,
  }) => {
    const topic = await newTopic(environment, log);
    for (let i = 0; i < 5; i += 1) {
      await publish(log, topic, `run-${i}`, 4);
      await publishAborted(log, topic, `aborted-${i}`, 4);
    }
    // Before the sentinel: the ranges end with transaction markers.
    const ranges = await pollUntil('the last transaction to end', async () => {
      const whole = await wholeTopic(admin, topic);
      return whole.reduce((sum, { offsetTo }) => sum + offsetTo, 0) >= 40 + 15 && whole;
    });
    const all = (await readSettled(environment, topic)).filter(within(ranges));
    expect(all).toHaveLength(20);

    for (const batchRows of [1, 3]) {
      const batches = planMicroBatches(ranges, batchRows);
      const records = await readBatches(log.reader, topic, batches, 4);
      expect(placesOf(records)).toEqual(placesOf(all));
    }
  });

  test('of a transaction marker alone returns nothing, at once', async ({ environment, log, admin }) => {
    const topic = await newTopic(environment, log);
    const { partitions } = await publish(log, topic, 'row', 12);
    const markers = partitions.map(({ partition, offsetTo }) => ({
      partition,
      offsetFrom: offsetTo,
      offsetTo: offsetTo + 1,
    }));

    expect(await log.reader.readRanges({ topic, ranges: markers, ...UNWATCHED })).toEqual([]);
    // The markers end the log: nothing behind them could have carried the reader over.
    expect(await wholeTopic(admin, topic)).toMatchObject(markers.map(({ offsetTo }) => ({ offsetTo })));
  });

  test('never shows an aborted record, in whatever order transactions began and were aborted', async ({
    environment,
    log,
  }) => {
    const topic = await newTopic(environment, log);
    const first = await beginTransaction(environment, topic, 'aborted last');
    const second = await beginTransaction(environment, topic, 'aborted first');
    for (const [transaction, key] of [
      [second, 'aborted first'],
      [first, 'aborted last'],
    ] as const) {
      await transaction.send({ topic, messages: [{ partition: 0, key, value: key }] });
    }
    await second.abort();
    await first.abort();
    const { partitions } = await publish(log, topic, 'row', 20);

    const whole = partitions.map((range) => ({ ...range, offsetFrom: 0 }));
    const records = await log.reader.readRanges({ topic, ranges: whole, ...UNWATCHED });
    expect(keysOf(records)).toEqual(keysOf(newRecords('row', 20)));
    for (const offsetFrom of [1, 2, 3]) {
      const ranges = [{ partition: 0, offsetFrom, offsetTo: offsetFrom + 3 }];
      const behind = await log.reader.readRanges({ topic, ranges, ...UNWATCHED });
      expect(keysOf(behind).filter((key) => !key.startsWith('row-'))).toEqual([]);
    }
  });

  test('of several ranges in one partition returns each of them, and nothing between', async ({
    environment,
    log,
  }) => {
    const topic = await newTopic(environment, log);
    const { partitions } = await publish(log, topic, 'row', 40);
    const { partition, offsetTo } = partitions[0] as OffsetRange;
    const ranges = [
      { partition, offsetFrom: offsetTo - 2, offsetTo },
      { partition, offsetFrom: 1, offsetTo: 4 },
    ];

    const records = await log.reader.readRanges({ topic, ranges, ...UNWATCHED });
    expect(records.map(({ offset }) => offset)).toEqual([1, 2, 3, offsetTo - 2, offsetTo - 1]);
  });

  test('of the same or of earlier offsets, again and again and at the same time, returns the same records', async ({
    environment,
    log,
  }) => {
    const topic = await newTopic(environment, log);
    const early = (await publish(log, topic, 'early', 20)).partitions;
    const late = (await publish(log, topic, 'late', 20)).partitions;
    const all = await readSettled(environment, topic);
    const sequence = [late, early, early, late.slice(1), late];

    const oneByOne = [];
    for (const ranges of sequence) {
      oneByOne.push(await log.reader.readRanges({ topic, ranges, ...UNWATCHED }));
    }
    const atOnce = await Promise.all(
      sequence.map((ranges) => log.reader.readRanges({ topic, ranges, ...UNWATCHED })),
    );

    const expected = sequence.map((ranges) => placesOf(all.filter(within(ranges))));
    expect(oneByOne.map(placesOf)).toEqual(expected);
    expect(atOnce.map(placesOf)).toEqual(expected);
  });

  test('waits while somebody’s open transaction holds its range back, and goes on when that ends', async ({
    environment,
    log,
  }) => {
    const topic = await newTopic(environment, log);
    const transaction = await beginTransaction(environment, topic, 'somebody’s');
    const { partitions: ranges } = await publish(log, topic, 'row', 20);
    const { reader, countAsked } = createWatchedReader(environment);

    let settled = false;
    const reading = reader.readRanges({ topic, ranges, ...UNWATCHED }).finally(() => (settled = true));
    await pollUntil('the reader to ask the broker again and again', async () => countAsked() > 5);
    expect(settled).toBe(false);

    await transaction.commit();
    expect(keysOf(await reading)).toEqual(keysOf(newRecords('row', 20)));
  });
});

describe('a read that is aborted', () => {
  test('while it waits for its range stops at once, and the next read works', async ({
    environment,
    log,
  }) => {
    const topic = await newTopic(environment, log);
    const transaction = await beginTransaction(environment, topic, 'somebody’s');
    const { partitions: ranges } = await publish(log, topic, 'row', 20);
    const controller = new AbortController();
    const { reader, countAsked } = createWatchedReader(environment);

    const reading = reader.readRanges({ topic, ranges, ...UNWATCHED, signal: controller.signal });
    const outcome = expect(reading).rejects.toThrow(/abort/i);
    await pollUntil('the reader to ask the broker', async () => countAsked() > 2);
    controller.abort();
    // The transaction is still open: nothing but the abort can have ended the read.
    await outcome;

    await transaction.commit();
    expect(await reader.readRanges({ topic, ranges, ...UNWATCHED })).toHaveLength(20);
  });

  test('while its records arrive fails with the reason, and the next read works', async ({
    environment,
    log,
  }) => {
    const topic = await newTopic(environment, log);
    const { partitions: ranges } = await publish(log, topic, 'row', 20);
    for (const abortAt of [1, 20]) {
      const controller = new AbortController();
      const reading = log.reader.readRanges({
        topic,
        ranges,
        signal: controller.signal,
        onProgress: (records) => {
          if (records >= abortAt) controller.abort(new Error('cancelled by the test'));
        },
      });
      await expect(reading).rejects.toThrow('cancelled by the test');
      expect(await log.reader.readRanges({ topic, ranges, ...UNWATCHED })).toHaveLength(20);
    }
  });

  test('after it has finished does not disturb the next read', async ({ environment, log }) => {
    const topic = await newTopic(environment, log);
    const { partitions: ranges } = await publish(log, topic, 'row', 20);
    const finished = new AbortController();
    await log.reader.readRanges({ topic, ranges, ...UNWATCHED, signal: finished.signal });

    const next = log.reader.readRanges({
      topic,
      ranges,
      ...UNWATCHED,
      onProgress: () => {
        finished.abort();
      },
    });
    expect(await next).toHaveLength(20);
  });
});

describe('a range that is not there', () => {
  test('because the topic does not exist is OffsetsOutOfRange', async ({ environment, log }) => {
    const topic = environment.newTopic();
    const ranges = [{ partition: 0, offsetFrom: 5, offsetTo: 8 }];

    const failure = await failureOf(log.reader.readRanges({ topic, ranges, ...UNWATCHED }));
    expect(failure).toBeInstanceOf(OffsetsOutOfRange);
    expect(failure.message).toContain(`${topic}[0]`);
    expect(failure.message).toContain('expected offsets 5..7, got none');
  });

  test('because its offsets were deleted names topic, partition, wanted and available offsets', async ({
    environment,
    log,
    admin,
  }) => {
    const topic = await newTopic(environment, log);
    const { partitions: ranges } = await publish(log, topic, 'row', 30);
    const range = ranges[0] as OffsetRange;
    await log.reader.readRanges({ topic, ranges, ...UNWATCHED });
    // kafkajs deletes only from topics it has asked about.
    await admin.fetchTopicOffsets(topic);
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: range.partition, offset: '2' }] });

    const failure = await failureOf(log.reader.readRanges({ topic, ranges, ...UNWATCHED }));
    expect(failure).toBeInstanceOf(OffsetsOutOfRange);
    expect(failure.message).toContain(
      `[${topic}[${range.partition}]]: expected offsets 0..${range.offsetTo - 1}, got 2..${range.offsetTo}`,
    );
  });

  test('because nothing listens at the broker’s address is a BrokerError that names the address', async ({
    environment: { config, newTopic: newTopicName },
  }) => {
    const broker = `127.0.0.1:${await getPort()}`;
    const away = createRecordLog({ ...config.kafka, brokers: [broker] });
    onTestFinished(() => away.close());
    const topic = newTopicName();

    const failures = await Promise.all([
      failureOf(
        away.reader.readRanges({
          topic,
          ranges: [{ partition: 0, offsetFrom: 0, offsetTo: 1 }],
          ...UNWATCHED,
        }),
      ),
      failureOf(
        away.publisher.publishOnce({ names: newNames(), batches: [{ topic, records: [] }], ...UNWATCHED }),
      ),
      failureOf(away.publisher.ensureTopics([topic])),
    ]);
    for (const failure of failures) {
      expect(failure).toBeInstanceOf(BrokerError);
      expect(failure.message).toContain(`[${topic}`);
      expect(failure.message).toContain(`broker ${broker}]`);
    }
  });

  test('in a topic that was deleted does not keep the worker from other topics', async ({
    environment,
    admin,
  }) => {
    const log = createRecordLog(environment.config.kafka);
    onTestFinished(() => log.close());
    const deleted = await newTopic(environment, log);
    const { partitions: ranges } = await publish(log, deleted, 'row', 5);
    await log.reader.readRanges({ topic: deleted, ranges, ...UNWATCHED });
    await admin.deleteTopics({ topics: [deleted] });
    await pollUntil('the topic to be gone', async () => !(await admin.listTopics()).includes(deleted));

    const topic = await newTopic(environment, log);
    const published = await publish(log, topic, 'row', 20);
    expect(await log.reader.readRanges({ topic, ranges: published.partitions, ...UNWATCHED })).toHaveLength(
      20,
    );
  });
});

async function failureOf(promise: Promise<unknown>): Promise<Error> {
  return promise.then(
    () => new Error('it did not fail'),
    (error: unknown) => error as Error,
  );
}

/** A reader whose questions to the broker are counted. */
function createWatchedReader({ config }: TestEnvironment) {
  let asked = 0;
  const watch = (admin: KafkaAdmin): KafkaAdmin => ({
    ...admin,
    ask(question) {
      asked += 1;
      return admin.ask(question);
    },
  });
  const { reader, close } = createRecordLog(config.kafka, watch);
  onTestFinished(close);
  return { reader, countAsked: () => asked };
}

import getPort from 'get-port';
import { describe, expect, onTestFinished } from 'vitest';
import { BrokerError, OffsetsOutOfRange } from '../../../src/domain/errors.ts';
import type { OffsetRange } from '../../../src/domain/log/offsets.ts';
import { existingTopics } from '../../support/log/create-topics.ts';
import { pollUntil } from '../../support/poll-until.ts';
import {
  beginTransaction,
  createRecordLog,
  createWatchedReader,
  newNames,
  newTopic,
  publish,
  test,
  readAll,
  UNWATCHED,
} from '../../support/log/record-log.ts';

describe('a read that is aborted', () => {
  test('while it waits for its range stops at once, and the next read works', async ({
    environment,
    log,
  }) => {
    const topic = await newTopic(environment, log);
    const transaction = await beginTransaction(environment, topic, 'another producer’s');
    const { partitions: ranges } = await publish(log, topic, 'row', 20);
    const controller = new AbortController();
    const { reader, countRequests } = createWatchedReader(environment);

    const reading = readAll(reader, { topic, ranges, ...UNWATCHED, signal: controller.signal });
    const outcome = expect(reading).rejects.toThrow(/abort/i);
    await pollUntil('the reader to ask the broker', async () => countRequests() > 2);
    controller.abort();
    // The transaction is still open: nothing but the abort can have ended the read.
    await outcome;

    await transaction.commit();
    expect(await readAll(reader, { topic, ranges, ...UNWATCHED })).toHaveLength(20);
  });

  test('while its records arrive fails with the reason, and the next read works', async ({
    environment,
    log,
  }) => {
    const topic = await newTopic(environment, log);
    const { partitions: ranges } = await publish(log, topic, 'row', 20);
    for (const abortAt of [1, 20]) {
      const controller = new AbortController();
      const reading = readAll(log.reader, {
        topic,
        ranges,
        signal: controller.signal,
        onProgress: (records) => {
          if (records >= abortAt) controller.abort(new Error('cancelled by the test'));
        },
      });
      await expect(reading).rejects.toThrow('cancelled by the test');
      expect(await readAll(log.reader, { topic, ranges, ...UNWATCHED })).toHaveLength(20);
    }
  });

  test('after it has finished does not disturb the next read', async ({ environment, log }) => {
    const topic = await newTopic(environment, log);
    const { partitions: ranges } = await publish(log, topic, 'row', 20);
    const finished = new AbortController();
    await readAll(log.reader, { topic, ranges, ...UNWATCHED, signal: finished.signal });

    const next = readAll(log.reader, {
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

    const failure = await failureOf(readAll(log.reader, { topic, ranges, ...UNWATCHED }));
    expect(failure).toBeInstanceOf(OffsetsOutOfRange);
    expect(failure.message).toContain(`${topic}[0]`);
    expect(failure.message).toContain('expected offsets 5..7, got none');
  });

  test('whose offsets were deleted names the partition, wanted and available offsets', async ({
    environment,
    log,
    admin,
  }) => {
    const topic = await newTopic(environment, log);
    const { partitions: ranges } = await publish(log, topic, 'row', 30);
    const range = ranges[0] as OffsetRange;
    await readAll(log.reader, { topic, ranges, ...UNWATCHED });
    // kafkajs deletes only from topics that it has looked up before.
    await admin.fetchTopicOffsets(topic);
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: range.partition, offset: '2' }] });

    const failure = await failureOf(readAll(log.reader, { topic, ranges, ...UNWATCHED }));
    expect(failure).toBeInstanceOf(OffsetsOutOfRange);
    expect(failure.message).toContain(
      `[${topic}[${range.partition}]]: expected offsets 0..${range.offsetTo - 1}, got 2..${range.offsetTo}`,
    );
  });

  test('at a broker that is not listening is a BrokerError that names the address', async ({
    environment: { config, newTopic: newTopicName },
  }) => {
    const broker = `127.0.0.1:${await getPort()}`;
    const away = createRecordLog({ ...config.kafka, brokers: [broker] });
    onTestFinished(() => away.close());
    const topic = newTopicName();

    const failures = await Promise.all([
      failureOf(
        readAll(away.reader, {
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
    await readAll(log.reader, { topic: deleted, ranges, ...UNWATCHED });
    await admin.deleteTopics({ topics: [deleted] });
    await pollUntil(
      'the topic to be gone',
      async () => (await existingTopics(admin, [deleted])).length === 0,
    );

    const topic = await newTopic(environment, log);
    const published = await publish(log, topic, 'row', 20);
    expect(await readAll(log.reader, { topic, ranges: published.partitions, ...UNWATCHED })).toHaveLength(20);
  });
});

async function failureOf(promise: Promise<unknown>): Promise<Error> {
  return promise.then(
    () => new Error('it did not fail'),
    (error: unknown) => error as Error,
  );
}

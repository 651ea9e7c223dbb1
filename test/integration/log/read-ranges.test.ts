import type { Admin } from 'kafkajs';
import { describe, expect } from 'vitest';
import type { RecordReader } from '../../../src/activities/log/record-log.ts';
import { mergeManifests, planMicroBatches, type OffsetRange } from '../../../src/domain/log/offsets.ts';
import { pollUntil } from '../../support/poll-until.ts';
import {
  beginTransaction,
  createWatchedReader,
  keysOf,
  newRecords,
  newTopic,
  placesOf,
  publish,
  publishAborted,
  readSettled,
  test,
  readAll,
  UNWATCHED,
} from '../../support/log/record-log.ts';

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
      records.push(...(await readAll(reader, { topic, ranges, ...UNWATCHED })));
    }
    return records;
  };
  return (await Promise.all(Array.from({ length: lanes }, (_, lane) => readLane(lane)))).flat();
}

describe('a read', () => {
  test('returns exactly the committed records of its ranges, whatever lies between', async ({
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
      const records = await readAll(log.reader, { topic, ranges, ...UNWATCHED });
      expect(placesOf(records)).toEqual(placesOf(all.filter(within(ranges))));
    }
    const own = await readAll(log.reader, { topic, ranges: first.partitions, ...UNWATCHED });
    expect(keysOf(own)).toEqual(keysOf(newRecords('mine', 20)));
  });

  test('in micro-batches cut anywhere, also at markers, returns every record once', async ({
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

    expect(await readAll(log.reader, { topic, ranges: markers, ...UNWATCHED })).toEqual([]);
    // The markers are the end of the log: no later record helped the reader past them.
    expect(await wholeTopic(admin, topic)).toMatchObject(markers.map(({ offsetTo }) => ({ offsetTo })));
  });

  test('never returns an aborted record, in whatever order transactions overlap', async ({
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
    const records = await readAll(log.reader, { topic, ranges: whole, ...UNWATCHED });
    expect(keysOf(records)).toEqual(keysOf(newRecords('row', 20)));
    for (const offsetFrom of [1, 2, 3]) {
      const ranges = [{ partition: 0, offsetFrom, offsetTo: offsetFrom + 3 }];
      const found = await readAll(log.reader, { topic, ranges, ...UNWATCHED });
      expect(keysOf(found).filter((key) => !key.startsWith('row-'))).toEqual([]);
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

    const records = await readAll(log.reader, { topic, ranges, ...UNWATCHED });
    expect(records.map(({ offset }) => offset)).toEqual([1, 2, 3, offsetTo - 2, offsetTo - 1]);
  });

  test('repeated, at earlier offsets or concurrently, returns the same records', async ({
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
      oneByOne.push(await readAll(log.reader, { topic, ranges, ...UNWATCHED }));
    }
    const atOnce = await Promise.all(
      sequence.map((ranges) => readAll(log.reader, { topic, ranges, ...UNWATCHED })),
    );

    const expected = sequence.map((ranges) => placesOf(all.filter(within(ranges))));
    expect(oneByOne.map(placesOf)).toEqual(expected);
    expect(atOnce.map(placesOf)).toEqual(expected);
  });

  test('waits for an open transaction in front of its range and continues when it ends', async ({
    environment,
    log,
  }) => {
    const topic = await newTopic(environment, log);
    const transaction = await beginTransaction(environment, topic, 'another producer’s');
    const { partitions: ranges } = await publish(log, topic, 'row', 20);
    const { reader, countRequests } = createWatchedReader(environment);

    let settled = false;
    const reading = readAll(reader, { topic, ranges, ...UNWATCHED }).finally(() => (settled = true));
    await pollUntil('the reader to ask the broker again and again', async () => countRequests() > 5);
    expect(settled).toBe(false);

    await transaction.commit();
    expect(keysOf(await reading)).toEqual(keysOf(newRecords('row', 20)));
  });
});

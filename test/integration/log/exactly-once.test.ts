import { describe, expect } from 'vitest';
import { manifestTotals } from '../../../src/domain/log/offsets.ts';
import type { OutgoingRecord } from '../../../src/domain/log/record.ts';
import {
  hashOf,
  keysOf,
  newRecords,
  newTopic,
  publicationOf,
  readSettled,
  test,
} from '../../support/log/record-log.ts';
import { pollUntil } from '../../support/poll-until.ts';
import { untilTransactionsEnd } from '../../support/log/read-settled.ts';

/** After this time, the broker ends a transaction that its producer has left open. */
const BROKER_ENDS_TRANSACTION_MS = 60_000;

/** More than one `send` to one partition: records of one key share it. */
const LARGE: readonly OutgoingRecord[] = newRecords('large', 2_500, 600).map((record) => ({
  ...record,
  key: 'one partition',
}));

describe('a publication', () => {
  test('whose response was lost is written once, and the retry returns the same manifest', async ({
    environment,
    log,
  }) => {
    const topic = await newTopic(environment, log);
    const publication = publicationOf({ topic, records: newRecords('row', 50) });

    const first = await log.publisher.publishOnce(publication);
    const second = await log.publisher.publishOnce(publication);

    expect(first.alreadyPublished).toBe(false);
    expect(second).toEqual({ manifests: first.manifests, alreadyPublished: true });
    expect(keysOf(await readSettled(environment, topic))).toEqual(
      newRecords('row', 50)
        .map(({ key }) => String(key))
        .sort(),
    );
  });

  test('of other content under a name that was used is refused, and nothing is written', async ({
    environment,
    log,
  }) => {
    const topic = await newTopic(environment, log);
    const publication = publicationOf({ topic, records: newRecords('row', 50) });
    await log.publisher.publishOnce(publication);

    const changed = { ...publication, batches: [{ topic, records: newRecords('other', 50) }] };
    await expect(log.publisher.publishOnce(changed)).rejects.toMatchObject({
      name: 'ReconciliationError',
      message: expect.stringContaining('start a new run') as unknown,
    });
    expect(await readSettled(environment, topic)).toHaveLength(50);
  });

  test('has a manifest whose counts, offsets and hash are what any consumer reads', async ({
    environment,
    log,
  }) => {
    const topic = await newTopic(environment, log);
    await log.publisher.publishOnce(publicationOf({ topic, records: newRecords('before', 20) }));
    const { manifests } = await log.publisher.publishOnce(
      publicationOf({ topic, records: newRecords('mine', 60) }),
    );
    await log.publisher.publishOnce(publicationOf({ topic, records: newRecords('after', 20) }));

    const found = await readSettled(environment, topic);
    const [manifest] = manifests;
    expect(manifest?.partitions.map(({ partition }) => partition)).toEqual([0, 1, 2]);
    for (const { partition, offsetFrom, offsetTo, records, contentHash } of manifest?.partitions ?? []) {
      const inRange = found.filter(
        (message) =>
          message.partition === partition &&
          Number(message.offset) >= offsetFrom &&
          Number(message.offset) < offsetTo,
      );
      expect(keysOf(inRange).filter((key) => !key.startsWith('mine-'))).toEqual([]);
      expect([Number(inRange[0]?.offset), Number(inRange.at(-1)?.offset) + 1]).toEqual([
        offsetFrom,
        offsetTo,
      ]);
      expect({ records, contentHash }).toEqual({ records: inRange.length, contentHash: hashOf(inRange) });
    }
    const mine = found.filter(({ key }) => String(key).startsWith('mine-'));
    expect(manifest && manifestTotals(manifest)).toEqual({ records: 60, contentHash: hashOf(mine) });
  });

  test('larger than the broker takes in one batch arrives whole, and only once', async ({
    environment,
    log,
    producer,
  }) => {
    const topic = await newTopic(environment, log);
    const messages = LARGE.map(({ value }) => ({ partition: 0, value: value as string }));
    await expect(producer.send({ topic, messages })).rejects.toThrow(/larger than the max message size/);

    const progress: number[] = [];
    const publication = {
      ...publicationOf({ topic, records: LARGE }),
      onProgress: (sent: number) => progress.push(sent),
    };
    const { manifests } = await log.publisher.publishOnce(publication);
    await log.publisher.publishOnce(publication);

    expect(progress.length).toBeGreaterThan(1);
    expect(progress.at(-1)).toBe(LARGE.length);
    const found = await readSettled(environment, topic);
    expect(found.map(({ value }) => String(value))).toEqual(LARGE.map(({ value }) => value));
    expect(manifests.map(manifestTotals)).toEqual([{ records: LARGE.length, contentHash: hashOf(found) }]);
  });

  test('aborted in the middle leaves nothing visible; the next attempt writes all of it', async ({
    environment,
    log,
  }) => {
    const topic = await newTopic(environment, log);
    const publication = publicationOf({ topic, records: LARGE });
    await pollUntil('an aborted publication to end its transaction itself', async () => {
      const startedAtMs = Date.now();
      const controller = new AbortController();
      let sent = 0;
      const aborted = log.publisher.publishOnce({
        ...publication,
        signal: controller.signal,
        onProgress: (count) => {
          sent = count;
          controller.abort(new Error('cancelled by the test'));
        },
      });
      await expect(aborted).rejects.toThrow('cancelled by the test');
      expect(sent).toBeGreaterThan(0);
      expect(sent).toBeLessThan(LARGE.length);
      await untilTransactionsEnd(environment.kafka, topic);
      // After that time the broker may have ended it: this attempt proves nothing, and is repeated.
      return Date.now() - startedAtMs < BROKER_ENDS_TRANSACTION_MS;
    });
    expect(await readSettled(environment, topic)).toEqual([]);

    const next = await log.publisher.publishOnce(publication);
    expect(next.alreadyPublished).toBe(false);
    expect(await readSettled(environment, topic)).toHaveLength(LARGE.length);
  });

  test('to two topics is in both or in neither', async ({ environment, log, admin }) => {
    const predictions = await newTopic(environment, log);
    const deadLetters = await newTopic(environment, log);
    const publication = publicationOf(
      { topic: predictions, records: newRecords('prediction', 30) },
      { topic: deadLetters, records: newRecords('dead-letter', 5) },
    );
    const controller = new AbortController();
    const betweenTopics = log.publisher.publishOnce({
      ...publication,
      signal: controller.signal,
      onProgress: (sent) => {
        if (sent === 30) controller.abort(new Error('cancelled between the topics'));
      },
    });
    await expect(betweenTopics).rejects.toThrow('cancelled between the topics');
    expect(await readSettled(environment, predictions)).toEqual([]);
    expect(await readSettled(environment, deadLetters)).toEqual([]);
    const groupId = publication.names.markerGroup;
    const marker = await admin.fetchOffsets({ groupId, topics: [predictions, deadLetters] });
    expect(marker.flatMap(({ partitions }) => partitions).filter(({ offset }) => offset !== '-1')).toEqual(
      [],
    );

    const written = await log.publisher.publishOnce(publication);
    expect(await readSettled(environment, predictions)).toHaveLength(30);
    expect(await readSettled(environment, deadLetters)).toHaveLength(5);
    expect(written.manifests.map(manifestTotals).map(({ records }) => records)).toEqual([30, 5]);
    expect(await log.publisher.publishOnce(publication)).toEqual({ ...written, alreadyPublished: true });
  });

  test.for([
    ['without any record', 0, 0],
    ['of dead letters alone', 0, 3],
    ['of predictions alone', 3, 0],
  ] as const)('%s has its marker too', async ([, ...counts], { environment, log }) => {
    const predictions = await newTopic(environment, log);
    const deadLetters = await newTopic(environment, log);
    const publication = publicationOf(
      { topic: predictions, records: newRecords('prediction', counts[0]) },
      { topic: deadLetters, records: newRecords('dead-letter', counts[1]) },
    );

    const first = await log.publisher.publishOnce(publication);
    const second = await log.publisher.publishOnce(publication);

    expect(first.manifests.map(({ topic }) => topic)).toEqual([predictions, deadLetters]);
    expect(first.manifests.map(manifestTotals).map(({ records }) => records)).toEqual(counts);
    expect(second).toEqual({ ...first, alreadyPublished: true });
  });
});

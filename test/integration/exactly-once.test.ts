import { describe, expect, onTestFinished } from 'vitest';
import type { Publication } from '../../src/activities/record-log.ts';
import type { KafkaAdmin } from '../../src/adapters/kafka-admin.ts';
import { BrokerError } from '../../src/domain/errors.ts';
import { manifestTotals } from '../../src/domain/offsets.ts';
import type { OutgoingRecord } from '../../src/domain/record.ts';
import type { TestEnvironment } from '../support/environment.ts';
import {
  createRecordLog,
  hashOf,
  keysOf,
  newNames,
  newRecords,
  readSettled,
  test,
  UNWATCHED,
  type RecordLog,
} from '../support/record-log.ts';

/** More than one `send` to one partition: records of one key share it. */
const LARGE: readonly OutgoingRecord[] = newRecords('large', 2_500, 600).map((record) => ({
  ...record,
  key: 'one partition',
}));

async function newTopics({ newTopic }: TestEnvironment, { publisher }: RecordLog, count = 1) {
  const topics = Array.from({ length: count }, () => newTopic());
  await publisher.ensureTopics(topics);
  return topics as [string, ...string[]];
}

function publicationOf(...batches: Publication['batches']): Publication {
  return { names: newNames(), batches, ...UNWATCHED };
}

interface Sleeper {
  readonly watch: (admin: KafkaAdmin) => KafkaAdmin;
  readonly asleep: Promise<void>;
  readonly wake: () => void;
}

/** Stops a publisher for as long as it likes where it asks the broker's admin interface the n-th time. */
function sleepAtCall(call: number): Sleeper {
  let calls = 0;
  let wake = (): void => undefined;
  let fallAsleep = (): void => undefined;
  const sleep = new Promise<void>((resolve) => (wake = resolve));
  const asleep = new Promise<void>((resolve) => (fallAsleep = resolve));
  const watch = (admin: KafkaAdmin): KafkaAdmin => ({
    ...admin,
    async ask(question) {
      calls += 1;
      if (calls === call) {
        fallAsleep();
        await sleep;
      }
      return admin.ask(question);
    },
  });
  return { watch, asleep, wake };
}

describe('a publication', () => {
  test('whose response was lost is written once, and the retry returns the same manifest', async ({
    environment,
    log,
  }) => {
    const [topic] = await newTopics(environment, log);
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

  test('is described by its manifest: counts, offsets and hash are what an ordinary consumer finds', async ({
    environment,
    log,
  }) => {
    const [topic] = await newTopics(environment, log);
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
    const [topic] = await newTopics(environment, log);
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

  test('aborted in the middle leaves nothing visible, and the next attempt writes all of it', async ({
    environment,
    log,
  }) => {
    const [topic] = await newTopics(environment, log);
    const publication = publicationOf({ topic, records: LARGE });
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
    expect(await readSettled(environment, topic)).toEqual([]);

    const next = await log.publisher.publishOnce(publication);
    expect(next.alreadyPublished).toBe(false);
    expect(await readSettled(environment, topic)).toHaveLength(LARGE.length);
  });

  test('to two topics is in both or in neither', async ({ environment, log, admin }) => {
    const [predictions, deadLetters] = (await newTopics(environment, log, 2)) as [string, string];
    const publication = publicationOf(
      { topic: predictions, records: newRecords('prediction', 30) },
      { topic: deadLetters, records: newRecords('letter', 5) },
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
    const [predictions, deadLetters] = (await newTopics(environment, log, 2)) as [string, string];
    const publication = publicationOf(
      { topic: predictions, records: newRecords('prediction', counts[0]) },
      { topic: deadLetters, records: newRecords('letter', counts[1]) },
    );

    const first = await log.publisher.publishOnce(publication);
    const second = await log.publisher.publishOnce(publication);

    expect(first.manifests.map(({ topic }) => topic)).toEqual([predictions, deadLetters]);
    expect(first.manifests.map(manifestTotals).map(({ records }) => records)).toEqual(counts);
    expect(second).toEqual({ ...first, alreadyPublished: true });
  });
});

describe('a zombie', () => {
  test.for([
    ['after it looked for the marker', 2],
    ['between two sends', 3],
  ] as const)(
    'overtaken %s cannot send, and every record is there once',
    async ([, call], { environment, log }) => {
      const topics = (await newTopics(environment, log, 2)) as [string, string];
      const publication = publicationOf(
        { topic: topics[0], records: newRecords('first', 20) },
        { topic: topics[1], records: newRecords('second', 20) },
      );
      const { watch, asleep, wake } = sleepAtCall(call);
      const zombie = createRecordLog(environment.config.kafka, watch);
      onTestFinished(() => zombie.close());

      const late = zombie.publisher.publishOnce(publication);
      await asleep;
      const retried = await log.publisher.publishOnce(publication);
      wake();

      await expect(late).rejects.toThrow(BrokerError);
      expect(retried.alreadyPublished).toBe(false);
      expect(await readSettled(environment, topics[0])).toHaveLength(20);
      expect(await readSettled(environment, topics[1])).toHaveLength(20);
      expect(await log.publisher.publishOnce(publication)).toEqual({ ...retried, alreadyPublished: true });
    },
  );

  test('overtaken before it commits cannot commit, and every record is there once', async ({
    environment,
    log,
  }) => {
    const [topic] = await newTopics(environment, log);
    const publication = publicationOf({ topic, records: newRecords('row', 20) });
    const { transactionalId, markerGroup } = publication.names;
    const zombie = environment.kafka.producer({ transactionalId, idempotent: true, maxInFlightRequests: 1 });
    await zombie.connect();
    onTestFinished(() => zombie.disconnect());
    const transaction = await zombie.transaction();
    await transaction.send({ topic, messages: [{ key: 'row-0', value: 'from the zombie' }] });
    const partitions = [{ partition: 0, offset: '1' }];
    await transaction.sendOffsets({ consumerGroupId: markerGroup, topics: [{ topic, partitions }] });

    const retried = await log.publisher.publishOnce(publication);

    await expect(transaction.commit()).rejects.toThrow(/epoch|fenced/i);
    expect(retried.alreadyPublished).toBe(false);
    const found = await readSettled(environment, topic);
    expect(new Set(keysOf(found)).size).toBe(20);
    expect(found).toHaveLength(20);
    expect(found.map(({ value }) => String(value))).not.toContain('from the zombie');
  });

  test.for([
    ['begins', Infinity],
    ['looks for the marker', 1],
  ] as const)(
    'that %s after the retry has finished writes nothing and returns its manifest',
    async ([, call], { environment, log }) => {
      const [topic] = await newTopics(environment, log);
      const publication = publicationOf({ topic, records: newRecords('row', 20) });
      const { watch, asleep, wake } = sleepAtCall(call);
      const zombie = createRecordLog(environment.config.kafka, watch);
      onTestFinished(() => zombie.close());
      const publishLate = () =>
        zombie.publisher.publishOnce({
          ...publication,
          batches: [{ topic, records: newRecords('from the zombie', 20) }],
        });

      const early = call === 1 ? publishLate() : undefined;
      if (early) await asleep;
      const retried = await log.publisher.publishOnce(publication);
      wake();

      expect(await (early ?? publishLate())).toEqual({ ...retried, alreadyPublished: true });
      expect(keysOf(await readSettled(environment, topic)).every((key) => key.startsWith('row-'))).toBe(true);
    },
  );
});

import { describe, expect, onTestFinished } from 'vitest';
import type { KafkaAdmin } from '../../../src/adapters/kafka/admin.ts';
import { BrokerError } from '../../../src/domain/errors.ts';
import {
  createRecordLog,
  keysOf,
  newRecords,
  newTopic,
  publicationOf,
  readSettled,
  test,
} from '../../support/log/record-log.ts';

interface Sleeper {
  readonly watch: (admin: KafkaAdmin) => KafkaAdmin;
  readonly asleep: Promise<void>;
  readonly wake: () => void;
}

/** Puts a publisher to sleep around its n-th question to the broker: the first is for the marker, then one per topic. */
function sleepAround(moment: 'before' | 'after', call: number): Sleeper {
  let calls = 0;
  let wake = (): void => undefined;
  let fallAsleep = (): void => undefined;
  const sleep = new Promise<void>((resolve) => (wake = resolve));
  const asleep = new Promise<void>((resolve) => (fallAsleep = resolve));
  const watch = (admin: KafkaAdmin): KafkaAdmin => ({
    ...admin,
    async ask(question) {
      calls += 1;
      const tired = calls === call;
      const takeNap = async () => {
        fallAsleep();
        await sleep;
      };
      if (tired && moment === 'before') await takeNap();
      const answer = await admin.ask(question);
      if (tired && moment === 'after') await takeNap();
      return answer;
    },
  });
  return { watch, asleep, wake };
}

describe('a zombie', () => {
  test.for([
    ['after it looked for the marker', 1],
    ['before its first send', 2],
    ['between two sends', 3],
  ] as const)(
    'overtaken %s cannot send, and every record is there once',
    async ([, call], { environment, log }) => {
      const topics = [await newTopic(environment, log), await newTopic(environment, log)] as const;
      const publication = publicationOf(
        { topic: topics[0], records: newRecords('first', 20) },
        { topic: topics[1], records: newRecords('second', 20) },
      );
      const { watch, asleep, wake } = sleepAround('after', call);
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
    const topic = await newTopic(environment, log);
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
      const topic = await newTopic(environment, log);
      const publication = publicationOf({ topic, records: newRecords('row', 20) });
      const { watch, asleep, wake } = sleepAround('before', call);
      const zombie = createRecordLog(environment.config.kafka, watch);
      onTestFinished(() => zombie.close());
      const publishLate = () => zombie.publisher.publishOnce(publication);

      const early = call === 1 ? publishLate() : undefined;
      if (early) await asleep;
      const retried = await log.publisher.publishOnce(publication);
      wake();

      expect(await (early ?? publishLate())).toEqual({ ...retried, alreadyPublished: true });
      expect(keysOf(await readSettled(environment, topic))).toEqual(keysOf(newRecords('row', 20)));
    },
  );
});

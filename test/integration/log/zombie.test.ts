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

interface Pause {
  readonly watch: (admin: KafkaAdmin) => KafkaAdmin;
  /** Resolves when the request is held. */
  readonly held: Promise<void>;
  readonly release: () => void;
}

/** Holds the n-th request of a publisher to the broker: the first is for the marker, then one per topic. */
function holdRequest(moment: 'before' | 'after', call: number): Pause {
  let calls = 0;
  let release = (): void => undefined;
  let noteHeld = (): void => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  const held = new Promise<void>((resolve) => (noteHeld = resolve));
  const watch = (admin: KafkaAdmin): KafkaAdmin => ({
    ...admin,
    async ask(question) {
      calls += 1;
      const isHeld = calls === call;
      const hold = async () => {
        noteHeld();
        await released;
      };
      if (isHeld && moment === 'before') await hold();
      const answer = await admin.ask(question);
      if (isHeld && moment === 'after') await hold();
      return answer;
    },
  });
  return { watch, held, release };
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
      const { watch, held, release } = holdRequest('after', call);
      const zombie = createRecordLog(environment.config.kafka, watch);
      onTestFinished(() => zombie.close());

      const late = zombie.publisher.publishOnce(publication);
      await held;
      const retried = await log.publisher.publishOnce(publication);
      release();

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
      const { watch, held, release } = holdRequest('before', call);
      const zombie = createRecordLog(environment.config.kafka, watch);
      onTestFinished(() => zombie.close());
      const publishLate = () => zombie.publisher.publishOnce(publication);

      const early = call === 1 ? publishLate() : undefined;
      if (early) await held;
      const retried = await log.publisher.publishOnce(publication);
      release();

      expect(await (early ?? publishLate())).toEqual({ ...retried, alreadyPublished: true });
      expect(keysOf(await readSettled(environment, topic))).toEqual(keysOf(newRecords('row', 20)));
    },
  );
});

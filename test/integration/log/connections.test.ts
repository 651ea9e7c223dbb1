import { randomUUID } from 'node:crypto';
import { expect, onTestFinished } from 'vitest';
import { createKafka, createSocket } from '../../../src/adapters/kafka/client.ts';
import { createTransactions, type Transactions } from '../../../src/adapters/kafka/transaction.ts';
import {
  keysOf,
  newNames,
  newRecords,
  newTopic,
  readAll,
  test,
  UNWATCHED,
} from '../../support/log/record-log.ts';
import type { TestEnvironment } from '../../support/environment.ts';

test('transactions use the connections of those before them', async ({ environment }) => {
  const { transactions, opened, brokers } = countConnections(environment);

  for (let i = 0; i < 10; i += 1) await fence(transactions);

  expect(opened()).toBeLessThanOrEqual(brokers);
});

test('a transaction uses no connection of one that goes on', async ({ environment }) => {
  const { transactions, opened } = countConnections(environment);
  await fence(transactions);
  const before = opened();

  await transactions.inTransaction(`imdb/${randomUUID()}`, async () => {
    await fence(transactions);
    expect(opened()).toBeGreaterThan(before);
  });
});

test.for<[what: string, isHidden: boolean]>([
  ['that has failed', false],
  ['that has failed, although its caller goes on', true],
])('nobody uses the connections of a transaction %s', async ([, isHidden], { environment }) => {
  const { transactions, opened } = countConnections(environment);
  await fence(transactions);
  const failing = transactions.withProducer(`imdb/${randomUUID()}`, async (transact) => {
    const failed = transact(() => Promise.reject(new Error('failed')));
    await (isHidden ? failed.catch(() => undefined) : failed);
  });
  await failing.catch(() => undefined);
  const before = opened();

  await fence(transactions);

  expect(opened()).toBeGreaterThan(before);
});

test('one transaction after another begins without a refusal in the log', async ({ environment, log }) => {
  const topic = await newTopic(environment, log);
  const { transactions, logged } = countConnections(environment);

  await transactions.withProducer(`imdb/${randomUUID()}`, async (transact) => {
    for (let i = 0; i < 30; i += 1) {
      await transact(async (transaction) => {
        await transaction.send({ topic, messages: [{ value: `${i}` }] });
        await transaction.commit();
      });
    }
  });

  // A broker that needs long to end the one before makes kafkajs repeat and log its own step.
  expect(logged.filter((line) => line.includes('Response'))).toEqual([]);
});

test('a transactional id may be longer than the room before a batch', async ({ environment, log }) => {
  const topic = await newTopic(environment, log);
  const names = { ...newNames(), transactionalId: `imdb/${'x'.repeat(2_000)}/${randomUUID()}` };
  const records = newRecords('long', 3);

  const { manifests } = await log.publisher.publishOnce({
    names,
    batches: [{ topic, records }],
    ...UNWATCHED,
  });

  const [{ partitions: ranges } = { partitions: [] }] = manifests;
  expect(keysOf(await readAll(log.reader, { topic, ranges, ...UNWATCHED }))).toEqual(keysOf(records));
});

/** It fences, which needs the coordinator, and writes nothing. */
function fence(transactions: Transactions): Promise<void> {
  return transactions.inTransaction(`imdb/${randomUUID()}`, () => Promise.resolve());
}

function countConnections({ config: { kafka: settings } }: TestEnvironment) {
  let opened = 0;
  const logged: string[] = [];
  const kafka = createKafka(
    settings,
    (_level, message, fields) => void logged.push(`${message} ${JSON.stringify(fields)}`),
    (place) => {
      opened += 1;
      return createSocket(place);
    },
  );
  const transactions = createTransactions(kafka);
  onTestFinished(() => transactions.close());
  return { transactions, opened: () => opened, logged, brokers: settings.brokers.length };
}

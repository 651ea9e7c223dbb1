import { expect } from 'vitest';
import { fetchMaxMessageBytes } from '../../../src/adapters/kafka/topic-limit.ts';
import type { PipelineError } from '../../../src/domain/errors.ts';
import { newRecords, newTopic, publicationOf, test } from '../../support/log/record-log.ts';

async function failureOf(work: Promise<unknown>): Promise<PipelineError> {
  return work.then(
    () => expect.unreachable('Kafka refused nothing'),
    (error: unknown) => error as PipelineError,
  );
}

test('a topic name that collides with another fails at once and names both', async ({ log, environment }) => {
  const stem = environment.newTopic();
  await log.publisher.ensureTopics([`${stem}_v1_predictions`]);

  const { name, message } = await failureOf(log.publisher.ensureTopics([`${stem}.v1.predictions`]));

  expect(name).toBe('InvalidInput');
  expect(message).toContain(`${stem}.v1.predictions`);
  expect(message).toContain(`${stem}_v1_predictions`);
});

test('a record larger than its topic allows fails at once and names the setting', async ({
  log,
  admin,
  environment,
}) => {
  const topic = environment.newTopic();
  await admin.createTopics({
    topics: [{ topic, numPartitions: 1, configEntries: [{ name: 'max.message.bytes', value: '20000' }] }],
  });
  const publication = publicationOf({ topic, records: newRecords('row', 1, 30_000) });

  const { name, message } = await failureOf(log.publisher.publishOnce(publication));

  expect(name).toBe('BrokerRefused');
  expect(message).toContain(topic);
  expect(message).toContain('max.message.bytes');
  const { ssl } = environment.config.kafka;
  // The user of secured brokers may not read it.
  expect(await fetchMaxMessageBytes(log.admin, topic)).toBe(ssl ? undefined : 20_000);
});

test('a record without a key in a compacted topic fails at once', async ({ log, admin, environment }) => {
  const topic = environment.newTopic();
  await admin.createTopics({
    topics: [{ topic, numPartitions: 1, configEntries: [{ name: 'cleanup.policy', value: 'compact' }] }],
  });
  const records = [{ key: null, value: 'value', headers: [] }];

  const { name, message } = await failureOf(log.publisher.publishOnce(publicationOf({ topic, records })));

  expect(name).toBe('BrokerRefused');
  expect(message).toContain('it may be compacted');
});

test('a topic whose name Kafka does not accept is InvalidInput', async ({ log, environment }) => {
  const { name } = await failureOf(log.publisher.ensureTopics([`${await newTopic(environment, log)}?`]));

  expect(name).toBe('InvalidInput');
});

import { expect } from 'vitest';
import { hashOf, newRecords, publicationOf, readSettled, test } from '../../support/log/record-log.ts';
import { manifestTotals, type TopicManifest } from '../../../src/domain/log/offsets.ts';
import type { TestEnvironment } from '../../support/environment.ts';
import type { Admin } from 'kafkajs';

const LIMIT_BYTES = 50_000;

async function createSmallTopic({ newTopic }: TestEnvironment, admin: Admin): Promise<string> {
  const topic = newTopic();
  const configEntries = [{ name: 'max.message.bytes', value: String(LIMIT_BYTES) }];
  await admin.createTopics({ topics: [{ topic, numPartitions: 2, configEntries }], waitForLeaders: true });
  return topic;
}

test('records are written in batches that are small enough for their topic', async ({
  environment,
  admin,
  log,
}) => {
  const topic = await createSmallTopic(environment, admin);
  const records = newRecords('row', 1_000, 900);

  const { manifests } = await log.publisher.publishOnce(publicationOf({ topic, records }));

  const messages = await readSettled(environment, topic);
  expect(messages).toHaveLength(records.length);
  expect(manifestTotals(manifests[0] as TopicManifest)).toEqual({
    records: records.length,
    contentHash: hashOf(messages),
  });
});

test('a record that its topic refuses fails at once, and nothing is written', async ({
  environment,
  admin,
  log,
}) => {
  const topic = await createSmallTopic(environment, admin);
  const records = [...newRecords('row', 100, 900), ...newRecords('large', 1, 2 * LIMIT_BYTES)];

  await expect(log.publisher.publishOnce(publicationOf({ topic, records }))).rejects.toMatchObject({
    name: 'BrokerRefused',
    // The user of secured brokers may not read the topic's settings.
    message: expect.stringMatching(
      new RegExp(`expected at most (${LIMIT_BYTES} bytes|max.message.bytes of the topic)`),
    ) as unknown,
  });

  expect(await readSettled(environment, topic)).toEqual([]);
});

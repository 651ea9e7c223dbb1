import { expect, onTestFinished } from 'vitest';
import { test } from '../../support/cluster/cluster-test.ts';
import { createSpreadTopic, keepMovingLeaders, moveLeaders } from '../../support/cluster/leaders.ts';
import { expectExactly, publishWithRetries } from '../../support/cluster/publishing.ts';
import { createRecordLog, newRecords, publicationOf, UNWATCHED } from '../../support/log/record-log.ts';

const PARTITIONS = 3;
const BATCHES = 60;
const BATCH_RECORDS = 30;
const MOVE_EVERY_MS = 350;

test('no record is lost or doubled when leaders move during a publication', async ({
  cluster,
  environment,
  admin,
}) => {
  const log = createRecordLog(environment.config.kafka);
  onTestFinished(() => log.close());
  const topic = environment.newTopic();
  await createSpreadTopic(admin, topic, PARTITIONS);
  const delays = cluster.brokers.map(({ proxy }) =>
    proxy.disturb({ apis: ['produce'], action: 'delay', ms: 150 }),
  );
  const records = newRecords('row', 6_000, 900);
  let moving: Promise<number> | undefined;

  const { manifests } = await publishWithRetries(log, {
    ...publicationOf({ topic, records }),
    onProgress: () => (moving ??= moveLeaders(admin, topic)),
  });
  await moving;

  expect(moving).toBeDefined();
  expect(delays.every(({ fired }) => fired() > 0)).toBe(true);
  await expectExactly(
    environment,
    topic,
    manifests,
    records.map(({ key }) => String(key)),
  );
});

test('no record is lost or doubled in micro-batches while leaders keep moving', async ({
  cluster,
  environment,
  admin,
}) => {
  const log = createRecordLog(environment.config.kafka);
  onTestFinished(() => log.close());
  const topic = environment.newTopic();
  await createSpreadTopic(admin, topic, PARTITIONS);
  for (const { proxy } of cluster.brokers) proxy.disturb({ apis: ['produce'], action: 'delay', ms: 40 });
  const moving = keepMovingLeaders(admin, topic, MOVE_EVERY_MS);
  const manifests = [];
  const keys: string[] = [];

  for (let batch = 0; batch < BATCHES; batch += 1) {
    const records = newRecords(`${batch}`, BATCH_RECORDS);
    const names = {
      transactionalId: `imdb/test/${topic}`,
      markerGroup: `imdb-marker/test/${topic}/${batch}`,
    };
    const published = await publishWithRetries(log, { names, batches: [{ topic, records }], ...UNWATCHED });
    manifests.push(...published.manifests);
    keys.push(...records.map(({ key }) => String(key)));
  }
  await moving.stop();

  expect(moving.moves()).toBeGreaterThan(PARTITIONS);
  await expectExactly(environment, topic, manifests, keys);
});

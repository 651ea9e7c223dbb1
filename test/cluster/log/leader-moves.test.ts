import { expect, onTestFinished } from 'vitest';
import { test } from '../../support/cluster/cluster-test.ts';
import { createSpreadTopic, keepMovingLeaders, moveLeaders } from '../../support/cluster/leaders.ts';
import { expectExactly } from '../../support/cluster/expect-exactly.ts';
import {
  publishWhileLeadersMove,
  publishWithRetries,
  withRetries,
} from '../../support/cluster/publishing.ts';
import { createRecordLog, newRecords, publicationOf } from '../../support/log/record-log.ts';
import { rowPublicationOf } from '../../support/log/row-publication.ts';

const PARTITIONS = 3;
/** `npm run test:leaders` publishes more. */
const BATCHES = 40;

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
    onProgress: () => {
      moving ??= moveLeaders(admin, topic);
    },
  });
  await moving;

  expect(moving).toBeDefined();
  expect(delays.every(({ fired }) => fired() > 0)).toBe(true);
  await expectExactly(
    environment,
    topic,
    manifests,
    records.map(({ key }) => key),
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
  for (const { proxy } of cluster.brokers) proxy.disturb({ apis: ['produce'], action: 'delay', ms: 40 });

  const { manifests, keys, moves } = await publishWhileLeadersMove(log, admin, topic, BATCHES);

  expect(moves).toBeGreaterThan(PARTITIONS);
  await expectExactly(environment, topic, manifests, keys);
});

test('no row is lost or doubled in several transactions while leaders keep moving', async ({
  cluster,
  environment,
  admin,
}) => {
  const log = createRecordLog(environment.config.kafka);
  onTestFinished(() => log.close());
  const topic = environment.newTopic();
  await createSpreadTopic(admin, topic, PARTITIONS);
  for (const { proxy } of cluster.brokers) proxy.disturb({ apis: ['produce'], action: 'delay', ms: 40 });
  const rows = newRecords('row', 6_000, 100);
  const publication = rowPublicationOf(topic, rows, 150);
  const moving = keepMovingLeaders(admin, topic, 350);

  const { manifest } = await withRetries(() => log.publisher.publishRows(publication));
  await moving.stop();

  expect(moving.moves()).toBeGreaterThan(PARTITIONS);
  await expectExactly(
    environment,
    topic,
    [manifest],
    rows.map(({ key }) => key),
  );
});

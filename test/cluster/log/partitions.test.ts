import { expect, onTestFinished } from 'vitest';
import type { KafkaAdmin } from '../../../src/adapters/kafka/admin.ts';
import { choosePartition } from '../../../src/adapters/kafka/client.ts';
import { test } from '../../support/cluster/cluster-test.ts';
import { createSpreadTopic, leadersOf } from '../../support/cluster/leaders.ts';
import { expectExactly } from '../../support/cluster/expect-exactly.ts';
import { publishWithRetries } from '../../support/cluster/publishing.ts';
import { pollUntil } from '../../support/poll-until.ts';
import { createRecordLog, newRecords, publicationOf, readSettled } from '../../support/log/record-log.ts';

test('a partition that is added during a publication gets records of the next one', async ({
  environment,
  admin,
}) => {
  const log = createRecordLog(environment.config.kafka);
  onTestFinished(() => log.close());
  const topic = environment.newTopic();
  await createSpreadTopic(admin, topic, 2);
  const records = newRecords('row', 3_000, 900);
  let adding: Promise<unknown> | undefined;

  const during = await publishWithRetries(log, {
    ...publicationOf({ topic, records }),
    onProgress: () => {
      adding ??= admin.createPartitions({ topicPartitions: [{ topic, count: 4 }] });
    },
  });
  await adding;
  await pollUntil('four partitions', async () => (await leadersOf(admin, topic)).size === 4);
  const more = newRecords('more', 300);
  const publication = publicationOf({ topic, records: more });
  const after = await publishWithRetries(log, publication);
  const again = await log.publisher.publishOnce(publication);

  const partitionsOf = (published: typeof after) =>
    published.manifests.flatMap(({ partitions }) => partitions.map(({ partition }) => partition));
  expect(partitionsOf(during)).toEqual([0, 1]);
  expect(partitionsOf(after)).toEqual([0, 1, 2, 3]);
  expect(again).toEqual({ manifests: after.manifests, alreadyPublished: true });
  await expectExactly(
    environment,
    topic,
    [...during.manifests, ...after.manifests],
    [...records, ...more].map(({ key }) => key),
  );
});

test('records of a partition that the brokers do not know are never counted', async ({
  environment,
  admin,
}) => {
  const log = createRecordLog(environment.config.kafka, withOnePartitionMore);
  onTestFinished(() => log.close());
  const topic = environment.newTopic();
  await createSpreadTopic(admin, topic, 2);

  const publishing = log.publisher.publishOnce(publicationOf({ topic, records: newRecords('row', 100) }));

  await expect(publishing).rejects.toMatchObject({
    name: 'BrokerError',
    message: expect.stringContaining(`records were not acknowledged [${topic}[2]]`) as unknown,
  });
  expect(await readSettled(environment, topic)).toEqual([]);
});

/** As if a partition was added that the producer has not heard of. */
function withOnePartitionMore(admin: KafkaAdmin): KafkaAdmin {
  return {
    ...admin,
    ask: (question) =>
      admin.ask((connection) =>
        question({
          ...connection,
          async fetchTopicMetadata(options) {
            const { topics } = await connection.fetchTopicMetadata(options);
            return {
              topics: topics.map(({ name, partitions }) => ({
                name,
                partitions: partitions.flatMap((partition, i) =>
                  i === 0 ? [partition, { ...partition, partitionId: partitions.length }] : [partition],
                ),
              })),
            };
          },
        }),
      ),
  };
}

const WIDE = 200;
/** Together more than the 100 MB that a broker takes in one request. */
const RECORD_BYTES = 540_000;

test('a record for each of 200 partitions of one broker is written, 108 MB in all', async ({
  environment,
  admin,
}) => {
  const log = createRecordLog(environment.config.kafka);
  onTestFinished(() => log.close());
  const topic = environment.newTopic();
  await admin.createTopics({
    topics: [
      {
        topic,
        replicaAssignment: Array.from({ length: WIDE }, (_, partition) => ({ partition, replicas: [1] })),
        configEntries: [{ name: 'min.insync.replicas', value: '1' }],
      },
    ],
    waitForLeaders: false,
  });
  onTestFinished(() => admin.deleteTopics({ topics: [topic] }));
  await pollUntil('all leaders', async () => (await leadersOf(admin, topic)).size === WIDE);
  const value = Buffer.alloc(RECORD_BYTES, 'x');
  const records = keysForEach(topic, WIDE).map((key) => ({ key, value, headers: [] }));

  const { manifests } = await publishWithRetries(log, publicationOf({ topic, records }));

  const written = manifests.flatMap(({ partitions }) => partitions);
  expect(written).toHaveLength(WIDE);
  expect(written.every((range) => range.records === 1 && range.offsetTo === range.offsetFrom + 1)).toBe(true);
  const endOf = new Map(written.map(({ partition, offsetTo }) => [partition, offsetTo]));
  await pollUntil('all records to be visible', async () =>
    (await admin.fetchTopicOffsets(topic)).every(
      ({ partition, high }) => Number(high) >= (endOf.get(partition) ?? Infinity),
    ),
  );
});

/** A key for each partition. */
function keysForEach(topic: string, partitions: number): string[] {
  const partitionMetadata = Array.from({ length: partitions }, (_, partitionId) => ({
    partitionId,
    partitionErrorCode: 0,
    leader: 1,
    replicas: [1],
    isr: [1],
  }));
  const keys = new Map<number, string>();
  for (let i = 0; keys.size < partitions; i += 1) {
    const key = `key-${i}`;
    const partition = choosePartition({ topic, partitionMetadata, message: { key, value: null } });
    if (!keys.has(partition)) keys.set(partition, key);
  }
  return [...keys.values()];
}

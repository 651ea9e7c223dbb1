import { describe, expect, onTestFinished } from 'vitest';
import { createKafka } from '../../../src/adapters/kafka/client.ts';
import { createKafkaStreamLog } from '../../../src/adapters/kafka/stream/stream-log.ts';
import { createTransactions } from '../../../src/adapters/kafka/transaction.ts';
import { predictionsTopic } from '../../../src/domain/names.ts';
import { test } from '../../support/cluster/cluster-test.ts';
import { createSpreadTopic, leadersOf } from '../../support/cluster/leaders.ts';
import { expectExactly } from '../../support/cluster/expect-exactly.ts';
import { publishWithRetries } from '../../support/cluster/publishing.ts';
import { pollUntil } from '../../support/poll-until.ts';
import {
  createRecordLog,
  newRecords,
  publicationOf,
  publish,
  readAll,
  UNWATCHED,
} from '../../support/log/record-log.ts';

describe('while a replica is missing', () => {
  test('a publication waits with BrokerError, and succeeds once its replicas are in sync', async ({
    cluster,
    environment,
    admin,
  }) => {
    const log = createRecordLog(environment.config.kafka);
    onTestFinished(() => log.close());
    const topic = environment.newTopic();
    // Of one partition, led by broker 1 and replicated by broker 2 only.
    await createSpreadTopic(admin, topic, 1);
    await cluster.brokers[1]?.kill();
    const records = newRecords('row', 100);
    const publication = publicationOf({ topic, records });

    const failure: unknown = await log.publisher.publishOnce(publication).catch((error: unknown) => error);
    await cluster.brokers[1]?.start();
    const { manifests } = await publishWithRetries(log, publication);

    expect(failure).toMatchObject({ name: 'BrokerError' });
    await expectExactly(
      environment,
      topic,
      manifests,
      records.map(({ key }) => key),
    );
  });
});

describe('while a partition of a topic of others has no leader', () => {
  test('topics are created, written, read and claimed by a stream', async ({
    cluster,
    environment,
    admin,
  }) => {
    const others = environment.newTopic();
    await admin.createTopics({
      topics: [
        {
          topic: others,
          replicaAssignment: [{ partition: 0, replicas: [3] }],
          configEntries: [{ name: 'min.insync.replicas', value: '1' }],
        },
      ],
    });
    onTestFinished(() => admin.deleteTopics({ topics: [others] }));
    await cluster.brokers[2]?.kill();
    await pollUntil('a partition without a leader', async () => (await leadersOf(admin, others)).size === 0);
    const { kafka: settings } = environment.config;
    const log = createRecordLog(settings);
    onTestFinished(() => log.close());
    const kafka = createKafka(settings, () => undefined);
    const transactions = createTransactions(kafka);
    onTestFinished(() => transactions.close());
    const { admin: logAdmin, reader } = log;
    const streamLog = createKafkaStreamLog({ kafka, transactions, admin: logAdmin, reader, settings });
    const topic = environment.newTopic();

    await log.publisher.ensureTopics([topic, predictionsTopic(topic)]);
    const { partitions } = await publish(log, topic, 'row', 100);
    const read = await readAll(log.reader, { topic, ranges: partitions, ...UNWATCHED });
    const offsets = await streamLog.listOffsets(topic);
    const { epoch } = await streamLog.claim({
      stream: environment.newId(),
      topic,
      run: 'a run',
      lanes: 1,
      startOver: false,
      begin: async () => offsets.map(({ partition, low }) => ({ partition, offset: low })),
    });

    expect((await leadersOf(admin, others)).size).toBe(0);
    expect(read).toHaveLength(100);
    expect(offsets.length).toBeGreaterThan(0);
    expect(epoch).toBe(1);
  });
});

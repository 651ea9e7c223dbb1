import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { expect, onTestFinished } from 'vitest';
import { createTransactions } from '../../../src/adapters/kafka/transaction.ts';
import { loadProcessConfig } from '../../../src/config.ts';
import { brokerProperties } from '../../../src/dev/kafka/broker-properties.ts';
import { startKafkaNode } from '../../../src/dev/kafka/kafka-broker.ts';
import { ensureKafkaDistribution } from '../../../src/dev/kafka/kafka-distribution.ts';
import { chooseLoopbackPort, LOOPBACK } from '../../../src/dev/process/loopback-port.ts';
import { createEnvironment } from '../../support/environment.ts';
import { pollUntil } from '../../support/poll-until.ts';
import { good, places, predictedPlaces, stop, test as base, untilPredicted } from '../../support/stream.ts';

const rowsOf = (count: number) => Array.from({ length: count }, (_, i) => good(i));

/** A broker that forgets committed offsets after the shortest time that can be set. */
const test = base
  .extend('forgetful', { scope: 'file' }, async ({}, { onCleanup }) => {
    const stateDir = await mkdtemp(join(tmpdir(), 'imdb-idle-'));
    const port = await chooseLoopbackPort('Kafka');
    const controllerPort = await chooseLoopbackPort('Kafka controller');
    const broker = await startKafkaNode({
      libDir: await ensureKafkaDistribution(loadProcessConfig().local.cacheDir),
      stateDir,
      address: `${LOOPBACK}:${port}`,
      properties: {
        ...brokerProperties({ port, controllerPort }),
        'offsets.retention.minutes': 1,
        'offsets.retention.check.interval.ms': 1_000,
      },
    });
    onCleanup(async () => {
      await broker.stop();
      await rm(stateDir, { recursive: true, force: true });
    });
    return broker;
  })
  .extend('environment', { scope: 'file' }, ({ forgetful }, { onCleanup }) =>
    createEnvironment(forgetful.address, onCleanup),
  );

test('a stream stays where it is, idle or stopped, for longer than offsets are kept', async ({
  environment,
  admin,
  createTopic,
  produce,
  startStream,
}) => {
  const { kafka } = environment;
  const [topic, quiet] = [await createTopic(1), await createTopic(1)];
  const [id, stoppedId] = [randomUUID(), randomUUID()];
  for (const name of [topic, quiet]) await produce(name, 0, rowsOf(10));
  const stopped = await startStream(stoppedId, { topic: quiet });
  await untilPredicted(stopped, 10);
  expect(await stop(stopped)).toMatchObject({ predicted: 10, lag: 0 });
  const stream = await startStream(id, { topic, stream: { microBatchRows: 5, inFlight: 2 } });
  await untilPredicted(stream, 10);

  // Committed later than every batch, and never again: when it is forgotten, what was not renewed is too.
  const groupId = `reference-${id}`;
  const transactions = createTransactions(kafka);
  onTestFinished(() => transactions.close());
  await transactions.inTransaction(groupId, async (transaction) => {
    const partitions = [{ partition: 0, offset: '1' }];
    await transaction.sendOffsets({ consumerGroupId: groupId, topics: [{ topic, partitions }] });
    await transaction.commit();
  });
  await pollUntil('the broker to forget', async () => {
    const [offsets] = await admin.fetchOffsets({ groupId, topics: [topic] });
    return offsets?.partitions.every(({ offset }) => offset === '-1');
  });
  await produce(topic, 0, rowsOf(10));
  await untilPredicted(stream, 20);
  await stream.terminate();

  await produce(topic, 0, rowsOf(5));
  await produce(quiet, 0, rowsOf(5));
  for (const [workflowId, name] of [
    [id, topic],
    [stoppedId, quiet],
  ] as const) {
    const next = await startStream(workflowId, { topic: name, trigger: 'available-now' });
    expect(await next.result()).toMatchObject({ predicted: 5, lag: 0 });
  }
  expect(await predictedPlaces(environment, topic)).toEqual(places(0, 25));
  expect(await predictedPlaces(environment, quiet)).toEqual(places(0, 15));
});

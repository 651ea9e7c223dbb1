import { randomUUID } from 'node:crypto';
import { describe, expect, onTestFinished } from 'vitest';
import { streamGroup, streamSignal, workflowType } from '../../../src/domain/names.ts';
import { pollUntil } from '../../support/poll-until.ts';
import {
  BAD,
  deadLetterPlaces,
  good,
  places,
  predictedPlaces,
  statusOf,
  stop,
  test,
  untilPredicted,
} from '../../support/stream.ts';

const rowsOf = (count: number) => Array.from({ length: count }, (_, i) => good(i));

describe('a continuous stream', () => {
  test('with "available-now" scores what is there; the next start scores the rest', async ({
    environment,
    createTopic,
    produce,
    startStream,
  }) => {
    const topic = await createTopic(3);
    const id = randomUUID();
    await produce(topic, 0, rowsOf(25));
    await produce(topic, 2, [...rowsOf(3), BAD, null, good(9)]);

    const first = await (await startStream(id, { topic, trigger: 'available-now' })).result();
    expect(first).toMatchObject({ predicted: 29, deadLettered: 2, lag: 0, failed: [] });

    await produce(topic, 1, rowsOf(4));
    const second = await (await startStream(id, { topic, trigger: 'available-now' })).result();
    expect(second).toMatchObject({ predicted: 4, deadLettered: 0, lag: 0 });

    const nothingNew = await (await startStream(id, { topic, trigger: 'available-now' })).result();
    expect(nothingNew).toMatchObject({ batches: 0, predicted: 0 });
    const refused = ['2@3', '2@4'];
    expect(await deadLetterPlaces(environment, topic)).toEqual(refused);
    expect(await predictedPlaces(environment, topic)).toEqual(
      [...places(0, 25), ...places(1, 4), ...places(2, 6).filter((place) => !refused.includes(place))].sort(),
    );
  });

  test('reads no more bytes into a micro-batch than allowed, and every record once', async ({
    environment,
    createTopic,
    produce,
    startStream,
  }) => {
    const topic = await createTopic(2);
    const large = `{"note": "${'x'.repeat(5_000)}"}`;
    await produce(topic, 0, [...rowsOf(40), large, ...rowsOf(10)]);
    await produce(topic, 1, [large, large, ...rowsOf(20)]);
    const input = {
      topic,
      trigger: 'available-now',
      stream: { microBatchRows: 100, microBatchBytes: 2_000 },
    } as const;

    const result = await (await startStream(randomUUID(), input)).result();

    expect(result).toMatchObject({ predicted: 70, deadLettered: 3, lag: 0, failed: [] });
    // The rows before the first large record of each partition, or that record alone; the next ones; the rest.
    expect(result.batches).toBe(3);
    expect(await predictedPlaces(environment, topic)).toEqual(
      [...places(0, 51), ...places(1, 22)].filter((place) => !['0@40', '1@0', '1@1'].includes(place)).sort(),
    );
  });

  test('runs until it is stopped, finds new partitions, and has no lag in Kafka’s tools', async ({
    environment,
    admin,
    createTopic,
    produce,
    startStream,
  }) => {
    const topic = await createTopic(1);
    const id = randomUUID();
    const stream = await startStream(id, { topic });
    await produce(topic, 0, rowsOf(12));
    await untilPredicted(stream, 12);
    await admin.createPartitions({ topicPartitions: [{ topic, count: 3 }] });
    // A new producer, because kafkajs drops messages for partitions that a producer does not know.
    const newProducer = environment.kafka.producer();
    await newProducer.connect();
    onTestFinished(() => newProducer.disconnect());
    await newProducer.send({ topic, messages: rowsOf(15).map((value) => ({ partition: 2, value })) });
    await untilPredicted(stream, 27);
    await produce(topic, 0, rowsOf(5));
    const progress = await untilPredicted(stream, 32);
    expect(progress).toMatchObject({ state: 'running', failed: 0 });
    expect(progress.recent.map(({ place }) => place)).toContain(`${topic}[0]@12..16`);

    const group = await pollUntil('the lag to be gone', async () => {
      const [offsets] = await admin.fetchOffsets({ groupId: streamGroup(id), topics: [topic] });
      const ends = await admin.fetchTopicOffsets(topic);
      const isCommitted = ends.every(
        ({ partition, high }) =>
          offsets?.partitions.find((committed) => committed.partition === partition)?.offset === high,
      );
      return isCommitted && offsets;
    });
    expect(group.partitions).toHaveLength(3);
    expect(await stop(stream)).toMatchObject({ predicted: 32, lag: 0 });
    expect(await predictedPlaces(environment, topic)).toEqual([...places(0, 17), ...places(2, 15)].sort());
  });

  test('that was terminated is continued by the next start, each row predicted once', async ({
    environment,
    createTopic,
    produce,
    startStream,
  }) => {
    const topic = await createTopic(3);
    const id = randomUUID();
    // Far more than a stream predicts before it is terminated.
    for (const partition of [0, 1, 2]) await produce(topic, partition, rowsOf(400));
    let started = 0;
    for (const rows of [30, 90, 150]) {
      const stream = await startStream(id, { topic, stream: { microBatchRows: 4, inFlight: 3 } });
      await untilPredicted(stream, Math.max(1, rows - started));
      await stream.terminate();
      started = (await predictedPlaces(environment, topic)).length;
      expect(started).toBeLessThan(1_200);
    }

    const last = await startStream(id, {
      topic,
      trigger: 'available-now',
      stream: { microBatchRows: 100, inFlight: 8 },
    });
    const { lag, predicted } = await last.result();
    expect(lag).toBe(0);
    // A batch in flight at the termination may have committed after the rows were counted.
    expect(predicted).toBeLessThanOrEqual(1_200 - started);
    expect(await predictedPlaces(environment, topic)).toEqual(
      [...places(0, 400), ...places(1, 400), ...places(2, 400)].sort(),
    );
  });

  test.for([
    ['the latest record', 'latest', 0],
    ['given offsets', { offsets: { 0: 6, 1: 3 } }, 6],
  ] as const)(
    'begins at %s if its input says so, and commits that position',
    async ([, start, predicted], { createTopic, produce, startStream }) => {
      const topic = await createTopic(2);
      const id = randomUUID();
      await produce(topic, 0, rowsOf(10));
      await produce(topic, 1, rowsOf(5));

      const now = await (await startStream(id, { topic, start, trigger: 'available-now' })).result();
      expect(now).toMatchObject({ predicted, lag: 0 });
      await produce(topic, 1, rowsOf(2));
      // The committed position counts now, not `start`.
      const later = await (await startStream(id, { topic, start, trigger: 'available-now' })).result();
      expect(later).toMatchObject({ predicted: 2 });
      const again = { topic, start: 'earliest', startOver: true, trigger: 'available-now' } as const;
      expect(await (await startStream(id, again)).result()).toMatchObject({ predicted: 17 });
    },
  );

  test('begins at a point in time', async ({ createTopic, startStream, producer }) => {
    const topic = await createTopic(1);
    const timestamps = ['2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z', '2026-01-03T00:00:00Z'];
    const messages = timestamps.map((time) => ({ value: good(1), timestamp: String(Date.parse(time)) }));
    await producer.send({ topic, messages });

    const start = { timestamp: '2026-01-01T12:00:00+01:00' };
    const stream = await startStream(randomUUID(), { topic, start, trigger: 'available-now' });
    expect(await stream.result()).toMatchObject({ predicted: 2 });
  });

  test('that is paused starts no batch, and continues when it is resumed', async ({
    environment,
    createTopic,
    produce,
    startStream,
  }) => {
    const topic = await createTopic(1);
    const stream = await startStream(randomUUID(), { topic });
    await produce(topic, 0, rowsOf(5));
    await untilPredicted(stream, 5);
    await stream.signal('pause');
    await produce(topic, 0, rowsOf(5));
    const paused = await pollUntil('a batch to be planned', async () => {
      const progress = await stream.progress();
      return progress.batches > progress.done && progress;
    });
    expect(paused).toMatchObject({ state: 'paused', predicted: 5 });
    expect(await predictedPlaces(environment, topic)).toHaveLength(5);

    await stream.signal('resume');
    expect(await untilPredicted(stream, 10)).toMatchObject({ state: 'running' });
    expect(await stop(stream)).toMatchObject({ predicted: 10 });
  });

  test('that is stopped before it is open scores nothing and completes', async ({
    environment: { client, config },
    trained: { model },
    createTopic,
    produce,
  }) => {
    const topic = await createTopic(1);
    await produce(topic, 0, rowsOf(3));
    const stream = await client.workflow.signalWithStart(workflowType.scoreStream, {
      workflowId: randomUUID(),
      taskQueue: config.taskQueue,
      args: [{ topic, model }],
      signal: streamSignal.stop,
    });
    expect(await stream.result()).toMatchObject({ predicted: 0, lag: null });
  });

  test('that is cancelled ends as cancelled, after its micro-batches have ended', async ({
    createTopic,
    produce,
    startStream,
  }) => {
    const topic = await createTopic(1);
    const stream = await startStream(randomUUID(), { topic, stream: { microBatchRows: 2, inFlight: 4 } });
    await produce(topic, 0, rowsOf(200));
    await untilPredicted(stream, 10);
    await stream.cancel();
    await stream.result().catch(() => undefined);

    expect(await statusOf(stream)).toBe('CANCELLED');
    const { raw } = await stream.describe();
    expect(raw.pendingChildren ?? []).toEqual([]);
  });
});

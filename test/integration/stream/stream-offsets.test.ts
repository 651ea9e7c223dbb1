import { randomUUID } from 'node:crypto';
import { describe, expect } from 'vitest';
import { streamGroup } from '../../../src/domain/names.ts';
import { failureOf, good, stop, test, untilPredicted } from '../../support/stream.ts';
import { pollUntil } from '../../support/poll-until.ts';

const rowsOf = (count: number) => Array.from({ length: count }, (_, i) => good(i));
const ONCE = { trigger: 'available-now' } as const;

describe('a stream is never silently moved: it fails with what it wanted and what there is', () => {
  test('when its topic does not exist', async ({ environment, startStream }) => {
    const topic = environment.newTopic();
    const failure = await failureOf((await startStream(randomUUID(), { topic })).result());

    expect(failure.type).toBe('OffsetsOutOfRange');
    expect(failure.message).toContain(`there is no such topic [${topic}]`);
  });

  test('when records aged out while it was stopped; startOver continues with the rest', async ({
    admin,
    createTopic,
    produce,
    startStream,
  }) => {
    const topic = await createTopic(2);
    const id = randomUUID();
    await produce(topic, 1, rowsOf(5));
    await (await startStream(id, { topic, ...ONCE })).result();
    await produce(topic, 1, rowsOf(10));
    const aged = { topic, partitions: [{ partition: 1, offset: '8' }] };
    // kafkajs deletes only from topics that it has looked up before.
    await admin.fetchTopicOffsets(topic);
    await admin.deleteTopicRecords(aged);

    const failure = await failureOf((await startStream(id, { topic, ...ONCE })).result());
    expect(failure.type).toBe('OffsetsOutOfRange');
    expect(failure.message).toContain(
      `records have aged out of the topic before they were scored [${topic}[1]]: expected offset 5, got 8..15`,
    );

    const over = await startStream(id, { topic, ...ONCE, startOver: true });
    expect(await over.result()).toMatchObject({ predicted: 7, lag: 0 });
  });

  test('when its topic is recreated while it runs, also longer than before', async ({
    admin,
    createTopic,
    produce,
    startStream,
  }) => {
    const topic = await createTopic(1);
    const id = randomUUID();
    await produce(topic, 0, rowsOf(5));
    const stream = await startStream(id, { topic, trigger: { intervalSeconds: 3 } });
    await untilPredicted(stream, 5);
    // A later commit would apply to the new topic.
    await pollUntil('the position to be committed', async () => {
      const [offsets] = await admin.fetchOffsets({ groupId: streamGroup(id), topics: [topic] });
      return offsets?.partitions[0]?.offset === '5';
    });
    await admin.deleteTopics({ topics: [topic] });
    await recreate(admin, topic);
    await produce(topic, 0, rowsOf(12));

    const failure = await failureOf(stream.result());
    expect(['OffsetsOutOfRange', 'PositionLost']).toContain(failure.type);
    expect(failure.message).toMatch(
      /the topic was deleted and recreated|there is no such topic|shorter than before/,
    );
    expect(failure.message).toContain(topic);
  });

  test('when its topic is recreated while it is stopped, also longer than before', async ({
    admin,
    createTopic,
    produce,
    startStream,
  }) => {
    const topic = await createTopic(1);
    const id = randomUUID();
    await produce(topic, 0, rowsOf(5));
    const stream = await startStream(id, { topic });
    await untilPredicted(stream, 5);
    await stop(stream);
    await admin.deleteTopics({ topics: [topic] });
    await recreate(admin, topic);
    await produce(topic, 0, rowsOf(12));

    const failure = await failureOf((await startStream(id, { topic, ...ONCE })).result());
    expect(failure.type).toBe('OffsetsOutOfRange');
    expect(failure.message).toContain(
      `the topic was deleted and recreated since the stream was stopped [${topic}]`,
    );

    const over = await startStream(id, { topic, ...ONCE, startOver: true });
    expect(await over.result()).toMatchObject({ predicted: 12 });
  });

  test('when its workflow id belongs to a stream of another topic', async ({ createTopic, startStream }) => {
    const [first, second] = [await createTopic(1), await createTopic(1)];
    const id = randomUUID();
    await (await startStream(id, { topic: first, ...ONCE })).result();

    const failure = await failureOf((await startStream(id, { topic: second, ...ONCE })).result());
    expect(failure.type).toBe('InvalidInput');
    expect(failure.message).toContain(
      `a stream of this workflow id scores another topic [${id}]: expected ${first}`,
    );
  });

  test('when the given offsets do not fit the topic’s partitions', async ({ createTopic, startStream }) => {
    const topic = await createTopic(2);
    const stream = await startStream(randomUUID(), { topic, start: { offsets: { 0: 1 } } });

    const failure = await failureOf(stream.result());
    expect(failure.type).toBe('InvalidInput');
    expect(failure.message).toContain('expected partitions 0, 1, got 0');
  });
});

/** Retries, because the broker confirms a deletion before it has finished. */
async function recreate(
  admin: {
    createTopics: (request: { topics: { topic: string; numPartitions: number }[] }) => Promise<boolean>;
  },
  topic: string,
): Promise<void> {
  await pollUntil('the topic to be made again', () =>
    admin.createTopics({ topics: [{ topic, numPartitions: 1 }] }).catch(() => false),
  );
}

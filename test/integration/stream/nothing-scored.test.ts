import { randomUUID } from 'node:crypto';
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { expect } from 'vitest';
import { imdb } from '../../support/command/imdb-command.ts';
import { pollUntil } from '../../support/poll-until.ts';
import { deadLetterPlaces, failureOf, good, places, stop, test } from '../../support/stream.ts';

/** As a producer writes them that quotes its numbers. */
const quoted = Array.from({ length: 40 }, (_, i) => `{"budget": "${1_000_000 + i}"}`);
const ONCE = { trigger: 'available-now' } as const;

test('a stream that could score no record fails with the first; exit code 1', async ({
  environment,
  trained: _trained,
  createTopic,
  produce,
  startStream,
}) => {
  const topic = await createTopic(1);
  await produce(topic, 0, quoted);
  const id = randomUUID();
  const what = ['--id', id, '--topic', topic, '--available-now', '--wait'];
  const ended = await imdb(['stream', 'start', ...what], environment.env);

  expect(ended.exitCode).toBe(1);
  expect(ended.stderr).toContain(
    `NothingScored: none of 40 records could be scored, all are in ${topic}.dead-letters; ` +
      `the first: MalformedRecord: "budget" is not a number [${topic}[0]@0]`,
  );
  expect(ended.stderr).toContain('its value begins with {"budget": "1000000"}');
  const { typedSearchAttributes } = await environment.client.workflow.getHandle(id).describe();
  const key = defineSearchAttributeKey('PipelineState', SearchAttributeType.KEYWORD);
  expect(typedSearchAttributes.get(key)).toBe('Failed');
  expect(await deadLetterPlaces(environment, topic)).toEqual(places(0, 40));

  // The position is after them: nothing is dead-lettered twice.
  await produce(topic, 0, [good(1)]);
  expect(await (await startStream(id, { topic, ...ONCE })).result()).toMatchObject({ predicted: 1, lag: 0 });
  expect(await deadLetterPlaces(environment, topic)).toEqual(places(0, 40));
});

test('a running stream that can score nothing needs attention until it can', async ({
  createTopic,
  produce,
  startStream,
}) => {
  const topic = await createTopic(1);
  await produce(topic, 0, quoted);
  const stream = await startStream(randomUUID(), { topic });
  const waiting = await pollUntil('the stream to need attention', async () => {
    const progress = await stream.progress().catch(() => undefined);
    return progress?.state === 'needs attention' && progress;
  });
  expect(waiting.nothingScored).toContain(`none of ${waiting.deadLettered} records could be scored`);

  await produce(topic, 0, [good(1)]);
  const running = await pollUntil('the stream to run', async () => {
    const progress = await stream.progress();
    return progress.predicted === 1 && progress.state === 'running' && progress;
  });
  expect(running).not.toHaveProperty('nothingScored');
  expect(await stop(stream)).toMatchObject({ predicted: 1, deadLettered: 40 });
});

test('a stream that is stopped before it could score anything has failed', async ({
  createTopic,
  produce,
  startStream,
}) => {
  const topic = await createTopic(1);
  await produce(topic, 0, quoted);
  const stream = await startStream(randomUUID(), { topic });
  await pollUntil('all records to be read', async () => {
    const progress = await stream.progress().catch(() => undefined);
    return progress?.deadLettered === 40;
  });

  expect((await failureOf(stop(stream))).type).toBe('NothingScored');
});

import { randomUUID } from 'node:crypto';
import type { Admin } from 'kafkajs';
import { expect } from 'vitest';
import { lanePublication, streamGroup } from '../../../src/domain/names.ts';
import { pollUntil } from '../../support/poll-until.ts';
import {
  failureOf,
  good,
  places,
  predictedPlaces,
  stop,
  test,
  untilPredicted,
} from '../../support/stream.ts';

const rowsOf = (count: number) => Array.from({ length: count }, (_, i) => good(i));
const ONCE = { trigger: 'available-now' } as const;

/** As the broker does after `offsets.retention.minutes`. */
async function forget(
  admin: Admin,
  id: string,
  groups = [streamGroup(id), lanePublication(id, 0).markerGroup],
) {
  await pollUntil('the offsets to be deleted', async () => {
    const listed = (await admin.listGroups()).groups.map(({ groupId }) => groupId);
    const left = listed.filter((group) => groups.includes(group));
    if (left.length > 0) await admin.deleteGroups(left).catch(() => undefined);
    return left.length === 0;
  });
}

test('a stream that was stopped stays where it was when the broker has forgotten it', async ({
  environment,
  admin,
  createTopic,
  produce,
  startStream,
}) => {
  const topic = await createTopic(2);
  const id = randomUUID();
  await produce(topic, 0, rowsOf(10));
  const input = { topic, stream: { inFlight: 1 } };
  const stream = await startStream(id, input);
  await untilPredicted(stream, 10);
  await stop(stream);
  await forget(admin, id);
  await produce(topic, 1, rowsOf(5));

  const next = await startStream(id, { ...input, ...ONCE });
  expect(await next.result()).toMatchObject({ predicted: 5, lag: 0 });
  expect(await predictedPlaces(environment, topic)).toEqual([...places(0, 10), ...places(1, 5)].sort());
});

test.for(['terminated', 'only one lane forgotten'] as const)(
  'a position that is really lost is an error, never the start: %s',
  async (how, { environment, admin, createTopic, produce, startStream }) => {
    const topic = await createTopic(1);
    const id = randomUUID();
    await produce(topic, 0, rowsOf(10));
    const stream = await startStream(id, { topic, stream: { inFlight: 1 } });
    await untilPredicted(stream, 10);
    await stream.terminate();
    await forget(admin, id, how === 'terminated' ? undefined : [lanePublication(id, 0).markerGroup]);

    const failure = await failureOf((await startStream(id, { topic, ...ONCE })).result());
    expect(failure.type).toBe('PositionLost');
    expect(failure.message).toContain('the broker has forgotten the position of the stream');
    expect(failure.message).toContain('"startOver": true');
    const over = await startStream(id, { topic, ...ONCE, startOver: true, start: { offsets: { 0: 10 } } });
    expect(await over.result()).toMatchObject({ predicted: 0, lag: 0 });
    expect(await predictedPlaces(environment, topic)).toEqual(places(0, 10));
  },
);

test('a stream whose marker is gone while it runs writes nothing more', async ({
  environment,
  admin,
  createTopic,
  produce,
  startStream,
}) => {
  const topic = await createTopic(1);
  const id = randomUUID();
  await produce(topic, 0, rowsOf(10));
  const stream = await startStream(id, { topic, stream: { inFlight: 1 } });
  await untilPredicted(stream, 10);
  await forget(admin, id, [lanePublication(id, 0).markerGroup]);
  await produce(topic, 0, rowsOf(5));

  const failure = await failureOf(stream.result());
  expect(failure).toMatchObject({ type: 'PositionLost' });
  expect(await predictedPlaces(environment, topic)).toEqual(places(0, 10));
});

test('a stream that is reset writes nothing; its next start scores the rest', async ({
  environment,
  createTopic,
  produce,
  startStream,
}) => {
  const { workflowService } = environment.client;
  const topic = await createTopic(1);
  const id = randomUUID();
  await produce(topic, 0, rowsOf(10));
  const trigger = { intervalSeconds: 60 };
  const stream = await startStream(id, { topic, trigger, stream: { microBatchRows: 3, inFlight: 2 } });
  await untilPredicted(stream, 10);
  await produce(topic, 0, rowsOf(5));
  const { events } = await stream.fetchHistory();
  const isOpening = events?.find(
    ({ activityTaskScheduledEventAttributes: scheduled }) => scheduled?.activityType?.name === 'openStream',
  );
  const opened = events?.find(
    ({ activityTaskCompletedEventAttributes: completed }) =>
      completed && String(completed.scheduledEventId) === String(isOpening?.eventId),
  );
  const afterOpening = events?.find(
    ({ eventId, workflowTaskCompletedEventAttributes: completed }) =>
      completed && Number(eventId) > Number(opened?.eventId),
  );
  const { runId } = await workflowService.resetWorkflowExecution({
    namespace: 'default',
    workflowExecution: { workflowId: id, runId: (await stream.describe()).runId },
    workflowTaskFinishEventId: afterOpening?.eventId ?? null,
    reason: 'a test',
    requestId: randomUUID(),
  });

  const failure = await failureOf(environment.client.workflow.getHandle(id, runId).result());
  expect(failure.type).toBe('StreamOvertaken');
  const next = await startStream(id, { topic, trigger: 'available-now' });
  expect(await next.result()).toMatchObject({ predicted: 5, lag: 0 });
  expect(await predictedPlaces(environment, topic)).toEqual(places(0, 15));
});

test('a stream that has continued as new predicts what comes, and nothing twice', async ({
  environment,
  createTopic,
  produce,
  startStream,
}) => {
  const topic = await createTopic(1);
  const id = randomUUID();
  await produce(topic, 0, rowsOf(10));
  const stream = await startStream(id, { topic, stream: { microBatchRows: 3, inFlight: 2 } });
  await untilPredicted(stream, 10);
  const { runId } = await stream.describe();
  // Its history is full when it is larger than 4 MB.
  for (let i = 0; i < 12; i += 1) await stream.signal('resume', 'x'.repeat(500_000));
  await pollUntil('the stream to continue as new', async () => (await stream.describe()).runId !== runId);
  await produce(topic, 0, rowsOf(10));
  await untilPredicted(stream, 20);
  await stream.terminate();

  await produce(topic, 0, rowsOf(5));
  const next = await startStream(id, { topic, trigger: 'available-now' });
  expect(await next.result()).toMatchObject({ predicted: 5, lag: 0 });
  expect(await predictedPlaces(environment, topic)).toEqual(places(0, 25));
});

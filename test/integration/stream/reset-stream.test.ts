import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { pollUntil } from '../../support/poll-until.ts';
import { failureOf, good, places, predictedPlaces, test, untilPredicted } from '../../support/stream.ts';

const rowsOf = (count: number) => Array.from({ length: count }, (_, i) => good(i));

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

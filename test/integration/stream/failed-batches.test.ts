import { WorkflowUpdateFailedError, type WorkflowHandle } from '@temporalio/client';
import { expect } from 'vitest';
import {
  deadLettersTopic,
  microBatchWorkflowId,
  predictionsTopic,
  PROGRESS_QUERY,
  repairUpdate,
  streamSignal,
  workflowType,
} from '../../../src/domain/names.ts';
import { EMPTY_CONTENT_HASH } from '../../../src/domain/log/content-hash.ts';
import type { StreamProgress } from '../../../src/domain/run/progress.ts';
import { packQueue } from '../../../src/domain/stream/queue-state.ts';
import type { ModelRef } from '../../../src/domain/stream/stream-input.ts';
import { good, places, predictedPlaces, test as base } from '../../support/stream.ts';
import { pollUntil } from '../../support/poll-until.ts';
import { startFailingWorker } from '../../support/worker/failing-worker.ts';
import { startGatedWorker } from '../../support/worker/gated-worker.ts';

const rowsOf = (count: number) => Array.from({ length: count }, (_, i) => good(i));
const END = 'available-now';

interface Started extends WorkflowHandle {
  readonly progress: () => Promise<StreamProgress>;
}

const test = base.extend('start', { scope: 'file' }, ({ environment: { client, newId }, trained }) => {
  return async (taskQueue: string, input: object): Promise<Started> => {
    const { version, artifact } = trained.model;
    const model: ModelRef = { version, artifact };
    const handle = await client.workflow.start(workflowType.scoreStream, {
      workflowId: newId(),
      taskQueue,
      args: [{ model, ...input }],
    });
    return Object.assign(handle, { progress: () => handle.query<StreamProgress>(PROGRESS_QUERY) });
  };
});

function until(stream: Started, what: string, isTrue: (progress: StreamProgress) => boolean) {
  return pollUntil(what, async () => {
    const progress = await stream.progress().catch(() => undefined);
    return progress && isTrue(progress) && progress;
  });
}

const needsAttention = ({ state }: StreamProgress): boolean => state === 'needs attention';

test.for(['cancelled', 'terminated'] as const)(
  'a micro-batch that is %s fails, not its stream, and can be retried',
  async (how, { environment, createTopic, produce, start }) => {
    const { client } = environment;
    const topic = await createTopic(1);
    await produce(topic, 0, rowsOf(10));
    const gated = await startGatedWorker(environment, 'predictMicroBatch', 1);
    const stream = await start(gated.taskQueue, {
      topic,
      trigger: END,
      stream: { microBatchRows: 5, inFlight: 1 },
    });
    await gated.reached;
    const batch = client.workflow.getHandle(microBatchWorkflowId(stream.workflowId, 1));
    await (how === 'cancelled' ? batch.cancel() : batch.terminate());
    gated.open();

    const { failures, done } = await until(stream, 'the batch to fail', needsAttention);
    expect({ done, failures }).toMatchObject({ done: 1, failures: [{ batch: 1 }] });
    expect(failures[0]?.reason.toLowerCase()).toContain(`${how}: an operator ${how} it`);
    await stream.executeUpdate(repairUpdate.retryFailed);
    expect(await stream.result()).toMatchObject({ predicted: 10, failed: [], lag: 0 });
    expect(await predictedPlaces(environment, topic)).toEqual(places(0, 10));
  },
);

test('a stream with a full history goes on when one of two failures is retried', async ({
  environment,
  log,
  createTopic,
  produce,
  start,
}) => {
  const topic = await createTopic(1);
  await log.publisher.ensureTopics([predictionsTopic(topic), deadLettersTopic(topic)]);
  await produce(topic, 0, rowsOf(6));
  const failing = await startFailingWorker(environment, 'predictMicroBatch', ({ batch }) => batch < 2);
  const stream = await start(failing.taskQueue, {
    run: environment.newId(),
    topic,
    ranges: [{ partition: 0, offsetFrom: 0, offsetTo: 6 }],
    stream: { microBatchRows: 2, inFlight: 2, onBatchFailure: 'wait' },
  });
  expect(await until(stream, 'two batches to fail', needsAttention)).toMatchObject({ failed: 2, done: 1 });
  const { runId } = await stream.describe();
  // A history of more than 4 MB counts as full.
  for (let i = 0; i < 12; i += 1) await stream.signal(streamSignal.resume, 'x'.repeat(500_000));
  await pollUntil('the stream to continue as new', async () => (await stream.describe()).runId !== runId);

  expect(await until(stream, 'it to wait again', needsAttention)).toMatchObject({ failed: 2, done: 1 });
  failing.fix();
  await stream.executeUpdate(repairUpdate.retryFailed, { args: [{ batches: [1] }] });
  expect(await until(stream, 'batch 1 to be done', ({ done }) => done === 2)).toMatchObject({ failed: 1 });
  await stream.executeUpdate(repairUpdate.retryFailed);
  expect(await stream.result()).toMatchObject({ batches: 3 });
});

test('a retry of a stream predicts its batch, whatever its lane has done since', async ({
  environment,
  createTopic,
  produce,
  start,
}) => {
  const topic = await createTopic(1);
  await produce(topic, 0, rowsOf(30));
  const failing = await startFailingWorker(
    environment,
    'predictMicroBatch',
    ({ batch }) => batch === 0 || batch === 2,
  );
  const stream = await start(failing.taskQueue, {
    topic,
    trigger: { intervalSeconds: 0.2 },
    stream: { microBatchRows: 5, inFlight: 1 },
  });
  const waiting = await until(stream, 'the others to be done', ({ done, failed }) => done + failed === 6);
  expect(waiting).toMatchObject({ state: 'needs attention', failed: 2 });
  failing.fix();
  await stream.executeUpdate(repairUpdate.retryFailed, { args: [{ batches: [2] }] });
  await until(stream, 'batch 2 to be done', ({ done }) => done === 5);
  await stream.executeUpdate(repairUpdate.retryFailed);
  await until(stream, 'batch 0 to be done', ({ done }) => done === 6);
  await produce(topic, 0, rowsOf(5));
  await until(stream, 'the stream to go on', ({ predicted }) => predicted === 35);
  await stream.signal(streamSignal.stop);

  expect(await stream.result()).toMatchObject({ predicted: 35, skipped: 0, failed: [], lag: 0 });
  expect(await predictedPlaces(environment, topic)).toEqual(places(0, 35));
});

test('5,500 failed batches fit through continue-as-new, queries and updates', async ({
  environment: { config, newId },
  start,
}) => {
  const failed = Array.from({ length: 5_500 }, (_, batch) => ({
    batch,
    lane: batch % 2,
    ranges: [{ partition: 0, offsetFrom: batch, offsetTo: batch + 1 }],
    reason: `MalformedRecord: "budget" is not a number [a1[0]@${batch}]${' and more'.repeat(30)}`,
    failedAtMs: Date.now(),
  }));
  const soFar = {
    batches: 0,
    read: { records: 0, contentHash: EMPTY_CONTENT_HASH },
    predicted: 0,
    deadLettered: 0,
    throughput: [],
  };
  const stream = await start(config.taskQueue, {
    run: newId(),
    topic: 'a1',
    ranges: [{ partition: 0, offsetFrom: 0, offsetTo: failed.length }],
    stream: { microBatchRows: 1, inFlight: 2, onBatchFailure: 'wait' },
    resume: { ...packQueue(failed, []), isPaused: false, job: 'a job', nextBatch: [5_500, 5_500], soFar },
  });
  const waiting = await until(stream, 'the stream to wait', needsAttention);
  expect(waiting).toMatchObject({ batches: 5_500, failed: 5_500 });
  expect(JSON.stringify(waiting).length).toBeLessThan(10_000);
  const { runId } = await stream.describe();
  for (let i = 0; i < 12; i += 1) await stream.signal(streamSignal.resume, 'x'.repeat(500_000));
  await pollUntil('the stream to continue as new', async () => (await stream.describe()).runId !== runId);

  await until(stream, 'it to wait again', ({ failed: left }) => left === 5_500);
  const wrong = stream.executeUpdate(repairUpdate.retryFailed, { args: [{ batches: [9_999] }] });
  await expect(wrong).rejects.toThrow(WorkflowUpdateFailedError);
  const answer = String(await stream.executeUpdate(repairUpdate.skipFailed));
  expect(answer).toMatch(/^skipped: 0, 1, .* … and 5400 more\. /);
  const result: unknown = await stream.result();
  expect(result).toMatchObject({ batches: 0, skipped: { batches: 5_500, offsets: 5_500 } });
  expect(JSON.stringify(result).length).toBeLessThan(10_000);
});

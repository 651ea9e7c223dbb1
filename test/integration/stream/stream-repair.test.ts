import { createHash, randomUUID } from 'node:crypto';
import { WorkflowUpdateFailedError } from '@temporalio/client';
import { describe, expect } from 'vitest';
import {
  deadLettersTopic,
  microBatchWorkflowId,
  predictionsTopic,
  PROGRESS_QUERY,
  repairUpdate,
  streamWorkflowId,
  workflowType,
} from '../../../src/domain/names.ts';
import type { PipelineProgress, StreamProgress } from '../../../src/domain/run/progress.ts';
import type { PipelineResult } from '../../../src/domain/run/step-results.ts';
import { pollUntil } from '../../support/poll-until.ts';
import { readSettled } from '../../support/log/record-log.ts';
import { startGatedWorker } from '../../support/worker/gated-worker.ts';
import {
  BAD,
  failureOf,
  good,
  places,
  predictedPlaces,
  stop,
  test,
  type StreamHandle,
} from '../../support/stream.ts';

const rowsOf = (count: number) => Array.from({ length: count }, (_, i) => good(i));
const FAIL_ON_BAD = { microBatchRows: 5, inFlight: 2, onBadRecord: 'fail' } as const;

async function untilAttention(stream: Pick<StreamHandle, 'progress'>): Promise<StreamProgress> {
  return pollUntil('the stream to need attention', async () => {
    const progress = await stream.progress().catch(() => undefined);
    return progress?.state === 'needs attention' && progress;
  });
}

describe('a failed micro-batch', () => {
  test('waits for an operator; a retry runs it alone, and a skip is final', async ({
    environment,
    createTopic,
    produce,
    startStream,
  }) => {
    const topic = await createTopic(1);
    await produce(topic, 0, [...rowsOf(6), BAD, ...rowsOf(13)]);
    const id = randomUUID();
    const stream = await startStream(id, { topic, stream: FAIL_ON_BAD });
    const update = (name: string, input?: unknown) =>
      stream.executeUpdate<string, [unknown]>(name, { args: [input] });
    const runIdOf = async (batch: number) => {
      const child = environment.client.workflow.getHandle(microBatchWorkflowId(id, batch));
      return (await child.describe()).runId;
    };

    const progress = await untilAttention(stream);
    expect(progress).toMatchObject({ done: 3, failed: 1, predicted: 15 });
    expect(progress.failures).toMatchObject([{ batch: 1, place: `${topic}[0]@5..9` }]);
    expect(progress.failures[0]?.reason).toContain(
      `MalformedRecord: "budget" is not a number [${topic}[0]@6]`,
    );
    const before = await Promise.all([0, 1, 2, 3].map(runIdOf));

    for (const wrong of [{ batches: [2] }, { batches: [1, 99] }, { batch: 1 }, { batches: [] }]) {
      await expect(update(repairUpdate.retryFailed, wrong)).rejects.toThrow(WorkflowUpdateFailedError);
    }
    expect(await update(repairUpdate.retryFailed)).toMatch(/^retrying: 1\. /);
    await pollUntil('batch 1 to be started again', async () => (await runIdOf(1)) !== before[1]);
    await untilAttention(stream);
    const after = await Promise.all([0, 1, 2, 3].map(runIdOf));
    expect(after.map((runId, batch) => runId === before[batch])).toEqual([true, false, true, true]);

    expect(await update(repairUpdate.skipFailed, { batches: [1] })).toMatch(/^skipped: 1\. /);
    expect(await stop(stream)).toMatchObject({ predicted: 15, skipped: 1, failed: [], lag: 0 });
    const next = await startStream(id, { topic, trigger: 'available-now' });
    expect(await next.result()).toMatchObject({ predicted: 0, deadLettered: 0 });
    const skipped = ['0@5', '0@6', '0@7', '0@8', '0@9'];
    expect(await predictedPlaces(environment, topic)).toEqual(
      places(0, 20).filter((place) => !skipped.includes(place)),
    );
  });

  test('that is not repaired before the stream is stopped is scored by the next start', async ({
    environment,
    createTopic,
    produce,
    startStream,
  }) => {
    const topic = await createTopic(1);
    await produce(topic, 0, [...rowsOf(6), BAD, ...rowsOf(13)]);
    const id = randomUUID();
    const stream = await startStream(id, { topic, stream: FAIL_ON_BAD });
    await untilAttention(stream);
    expect(await stop(stream)).toMatchObject({ predicted: 15, failed: [{ batch: 1 }], lag: 15 });

    const next = await startStream(id, { topic, trigger: 'available-now' });
    expect(await next.result()).toMatchObject({ predicted: 4, deadLettered: 1, lag: 0 });
    expect(await predictedPlaces(environment, topic)).toEqual(
      places(0, 20).filter((place) => place !== '0@6'),
    );
  });

  test('fails the stream when it is not repaired in time; the other batches are done', async ({
    environment,
    createTopic,
    produce,
    startStream,
  }) => {
    const topic = await createTopic(1);
    await produce(topic, 0, [BAD, ...rowsOf(9)]);
    const stream = await startStream(randomUUID(), {
      topic,
      stream: { ...FAIL_ON_BAD, repairTimeoutHours: 1 / 3_600 },
    });

    const failure = await failureOf(stream.result());
    expect(failure.type).toBe('MicroBatchesFailed');
    expect(failure.message).toContain('1 of 2 micro-batches failed');
    expect(await predictedPlaces(environment, topic)).toHaveLength(5);
  });

  test('is scored when its cause, a damaged model file, is fixed and it is retried', async ({
    environment,
    log,
    trained: { model },
    createTopic,
    produce,
  }) => {
    const { client, config } = environment;
    // A file of its own: the worker keeps the trained model in memory and would not read it again.
    const bytes = await environment.files.read(model.artifact.uri);
    const own = Buffer.concat([Buffer.from(bytes.toString('latin1').replace('{', '{ '), 'latin1')]);
    const sha256 = createHash('sha256').update(own).digest('hex');
    const uri = 'own.model';
    const flipped = Buffer.from(own);
    flipped.writeUInt8((flipped.at(-20) ?? 0) ^ 1, flipped.length - 20);
    await environment.files.overwrite(uri, flipped);

    const topic = await createTopic(1);
    await log.publisher.ensureTopics([predictionsTopic(topic), deadLettersTopic(topic)]);
    await produce(topic, 0, rowsOf(4));
    const workflowId = environment.newId();
    const handle = await client.workflow.start(workflowType.scoreStream, {
      workflowId,
      taskQueue: config.taskQueue,
      args: [
        {
          run: workflowId,
          topic,
          ranges: [{ partition: 0, offsetFrom: 0, offsetTo: 4 }],
          model: { version: 'own', artifact: { uri, sha256, bytes: own.length, rows: 1 } },
          stream: { microBatchRows: 2, onBatchFailure: 'wait' },
        },
      ],
    });
    const progress = await untilAttention({ progress: () => handle.query<StreamProgress>(PROGRESS_QUERY) });
    expect(progress.failures.map(({ reason }) => reason)).toEqual([
      expect.stringContaining(`ArtifactCorrupt: an artifact has changed [${uri}]`),
      expect.stringContaining(`ArtifactCorrupt: an artifact has changed [${uri}]`),
    ]);

    await environment.files.overwrite(uri, own);
    expect(await handle.executeUpdate(repairUpdate.retryFailed)).toMatch(/^retrying: 0, 1\. /);
    expect(await handle.result()).toMatchObject({ batches: 2 });
  });
});

test('a run whose records aged out needs attention and completes when they are skipped', async ({
  environment,
  admin,
  trained: _trained,
}) => {
  const { client, newId, newTopic } = environment;
  const gated = await startGatedWorker(environment, 'consumeMicroBatch', 2);
  const films = Array.from({ length: 300 }, (_, i) => `${((i * 7) % 300) * 1_000},${(i % 90) / 10 + 1}`);
  await environment.writeCsv('many.csv', ['budget,imdb_score', ...films].join('\n'));
  const workflowId = newId();
  const topic = newTopic();
  const handle = await client.workflow.start(workflowType.ratingPipeline, {
    workflowId,
    taskQueue: gated.taskQueue,
    args: [
      {
        dataset: { path: 'many.csv' },
        topic,
        forest: { trees: 1 },
        stream: { microBatchRows: 1, inFlight: 1 },
      },
    ],
  });
  const child = client.workflow.getHandle(streamWorkflowId(workflowId));
  const stream = { progress: () => child.query<StreamProgress>(PROGRESS_QUERY) };
  await gated.reached;
  const published = (await admin.fetchTopicOffsets(topic)).find(({ partition }) => partition === 0);
  await admin.deleteTopicRecords({
    topic,
    partitions: [{ partition: 0, offset: published?.high ?? '0' }],
  });
  gated.open();

  const { failed, done, failures } = await untilAttention(stream);
  expect(failures[0]?.reason).toMatch(
    new RegExp(
      `^OffsetsOutOfRange: records have aged out of the topic \\[${topic}\\[0\\]\\]: expected offsets`,
    ),
  );
  const page = await pollUntil('the run to say so', async () => {
    const progress = await handle.query<PipelineProgress>(PROGRESS_QUERY);
    return progress.attention;
  });
  expect(page).toContain(`${failed} failed micro-batches`);

  await child.executeUpdate(repairUpdate.skipFailed);
  const result = (await handle.result()) as PipelineResult;
  expect(result.skipped).toMatchObject({ batches: failed, offsets: failed });
  expect(result).toMatchObject({ batches: done, predicted: done, consumed: { stream: done } });
  expect(result.published.stream).toBe(done + failed);
  expect(await readSettled(environment, predictionsTopic(topic))).toHaveLength(done);
});

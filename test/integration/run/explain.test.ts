import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import getPort from 'get-port';
import { expect, onTestFinished } from 'vitest';
import { createLogger } from '../../../src/adapters/logger.ts';
import { loadConfig } from '../../../src/config.ts';
import { microBatchWorkflowId, streamWorkflowId } from '../../../src/domain/names.ts';
import { startGatedWorker } from '../../support/worker/gated-worker.ts';
import { startWorker } from '../../support/worker/start-worker.ts';
import { pollUntil } from '../../support/poll-until.ts';
import { FILMS, HEADER, test } from '../../support/explained-runs.ts';
import { BAD, good, stop } from '../../support/stream.ts';
import { directoryOf } from '../../support/store/directory-of.ts';

const aNumber: unknown = expect.any(Number);
const aText: unknown = expect.any(String);
const containing = (text: string): unknown => expect.stringContaining(text);

test('broker down: explain names the step, the address, the next attempt and the limit', async ({
  environment: { env, newId, writeCsv },
  startRun,
  explained,
}) => {
  await writeCsv('films.csv', [HEADER, ...FILMS].join('\n'));
  const taskQueue = newId();
  const broker = `127.0.0.1:${await getPort()}`;
  const config = loadConfig({ ...env, TASK_QUEUE: taskQueue, KAFKA_BROKERS: broker });
  const file = join(directoryOf(config.data), 'brokerless.log');
  const worker = await startWorker(config, createLogger({ level: 'info', file }));
  onTestFinished(() => worker.shutdown());
  const { workflowId } = await startRun({ dataset: { path: 'films.csv' } }, taskQueue);

  const { findings, remedies, text } = await pollUntil('a next attempt', async () => {
    const diagnosis = await explained(workflowId);
    const [finding] = diagnosis.findings;
    const isRetried = finding?.kind === 'activity' && finding.nextAttemptAt !== null && finding.attempt > 2;
    return isRetried && diagnosis;
  });
  expect(findings).toEqual([
    {
      kind: 'activity',
      workflowId,
      step: 'publish batch',
      activity: 'publishSplit',
      state: 'waits for its next attempt',
      attempt: aNumber,
      since: aText,
      nextAttemptAt: aText,
      givenUpAt: aText,
      failure: {
        type: 'BrokerError',
        message: containing(broker),
        facts: { what: aText, where: containing(`broker ${broker}`), got: aText, hint: aText },
        causes: [containing('ECONNREFUSED')],
      },
    },
  ]);
  expect(remedies).toEqual([]);
  expect(text).toMatch(
    /^✖ publish batch \(publishSplit\) has failed for .+ next attempt in \d+ s, retried until/m,
  );
  expect(text).toMatch(/^ {2}to do {5}Start the broker; the step then continues by itself\./m);
  expect(text).toContain('docs/runbook.md#brokererror');
});

test('no worker: explain names the task queue that no worker polls, and since when', async ({
  startRun,
  explained,
}) => {
  const { workflowId } = await startRun({}, 'without-worker');

  const { findings, text } = await explained(workflowId);
  expect(findings).toEqual([
    {
      kind: 'no worker',
      workflowId,
      taskQueue: 'without-worker',
      role: 'workflows',
      since: aText,
      lastPollAt: null,
    },
  ]);
  expect(text).toContain('✖ no worker polls task queue "without-worker" (none in the last minutes)');
  expect(text).toContain('start one with "imdb worker", with TASK_QUEUE=without-worker');
});

test('corrupt rows: explain names lines and expectation, and its reset fixes the run', async ({
  environment: { client, writeCsv },
  worker: _worker,
  startRun,
  explained,
}) => {
  await writeCsv('corrupt.csv', [HEADER, ...FILMS, ...Array<string>(15).fill('1,2,3'), '1,2'].join('\n'));
  const run = await startRun({ dataset: { path: 'corrupt.csv' } });
  await expect(run.result()).rejects.toThrow();

  const { findings, remedies, text } = await explained(run.workflowId);
  expect(findings).toMatchObject([
    {
      kind: 'end',
      path: ['load', 'loadDataset'],
      failure: {
        type: 'DatasetError',
        facts: {
          where: 'corrupt.csv lines 62–71',
          expected: 'at most 1 % (dataset.maxBadRows)',
          got: containing('15 of 76 rows, the first with 3 cells instead of 2'),
        },
      },
    },
  ]);
  expect(text).toContain(
    '  place     corrupt.csv lines 62–71\n  expected  at most 1 % (dataset.maxBadRows)\n  got       15 of 76 rows',
  );
  expect(remedies.map(({ name, isAdvised }) => [name, isAdvised])).toEqual([
    ['retry', false],
    ['repair', false],
    ['reset', true],
    ['rerun', false],
  ]);
  expect(remedies[3]?.command).toMatch(
    /^imdb run --set topic=\S+ --set quality.minRows=1 --set forest.trees=1 --set dataset.path=corrupt.csv$/,
  );

  const reset = new RegExp(
    `^temporal workflow reset --workflow-id ${run.workflowId} --run-id ${run.firstExecutionRunId} --event-id (\\d+) --reason fixed$`,
  );
  const [, eventId] = reset.exec(remedies[2]?.command ?? '') ?? [];
  await writeCsv('corrupt.csv', [HEADER, ...FILMS].join('\n'));
  const { runId } = await client.workflowService.resetWorkflowExecution({
    namespace: client.options.namespace,
    workflowExecution: { workflowId: run.workflowId, runId: run.firstExecutionRunId },
    reason: 'fixed',
    requestId: randomUUID(),
    workflowTaskFinishEventId: Number(eventId) as unknown as Long,
  });
  expect(await client.workflow.getHandle(run.workflowId, runId).result()).toMatchObject({
    rows: { kept: 60 },
  });
  expect((await explained(run.workflowId)).text).toContain('Nothing to explain: it completed.');
});

test('a wrong input: explain says that only a new run helps', async ({
  worker: _worker,
  startRun,
  explained,
}) => {
  const run = await startRun({ forest: { tree: 5 } });
  await expect(run.result()).rejects.toThrow();

  const { findings, remedies } = await explained(run.workflowId);
  expect(findings).toMatchObject([{ path: [], failure: { type: 'InvalidInput' } }]);
  expect(remedies.map(({ command, isAdvised }) => [command !== null, isAdvised])).toEqual([
    [false, false],
    [false, false],
    [false, false],
    [true, true],
  ]);
});

test('a failed micro-batch: explain names the record and the repair command', async ({
  createTopic,
  produce,
  startStream,
  explained,
}) => {
  const topic = await createTopic(1);
  await produce(topic, 0, [...Array.from({ length: 6 }, (_, i) => good(i)), BAD]);
  const id = randomUUID();
  const stream = await startStream(id, { topic, stream: { microBatchRows: 5, onBadRecord: 'fail' } });
  await pollUntil('the stream to need attention', async () => {
    const progress = await stream.progress().catch(() => undefined);
    return progress?.state === 'needs attention';
  });

  const { findings, text } = await explained(id);
  expect(findings[0]).toMatchObject({
    kind: 'needs attention',
    workflowId: id,
    failedBatches: [{ batch: 1, place: `${topic}[0]@5..6` }],
    commands: [`retry: imdb repair ${id} --retry`, `skip:  imdb repair ${id} --skip`],
  });
  expect(findings[1]).toMatchObject({
    kind: 'end',
    workflowId: microBatchWorkflowId(id, 1),
    failure: { type: 'MalformedRecord', facts: { where: `${topic}[0]@6` } },
  });
  expect(text).toContain(`  place     ${topic}[0]@6\n`);

  const batch = await explained(microBatchWorkflowId(id, 1));
  expect(batch.remedies.find(({ isAdvised }) => isAdvised)?.command).toBe(`imdb repair ${id} --retry 1`);

  await stream.signal('pause');
  await pollUntil('the stream to be paused or to need attention', async () => {
    const { findings: now } = await explained(id);
    return now.some(({ kind }) => kind === 'needs attention');
  });
  await stop(stream);
});

test('failed micro-batches: explain names the record and the reset that fixes the run', async ({
  environment,
  admin,
  startRun,
  explained,
}) => {
  await environment.writeCsv(
    'many.csv',
    [HEADER, ...Array.from({ length: 400 }, (_, i) => `${((i * 7) % 400) * 1_000},${(i % 90) / 10}`)].join(
      '\n',
    ),
  );
  const gated = await startGatedWorker(environment, 'consumeMicroBatch');
  const topic = environment.newTopic();
  const run = await startRun(
    {
      dataset: { path: 'many.csv' },
      topic,
      stream: { microBatchRows: 1, inFlight: 1, onBatchFailure: 'fail' },
    },
    gated.taskQueue,
  );
  const streamId = streamWorkflowId(run.workflowId);
  await Promise.race([gated.reached, run.result()]);
  const published = (await admin.fetchTopicOffsets(topic)).find(({ partition }) => partition === 0);
  await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: published?.high ?? '0' }] });
  gated.open();
  await expect(run.result()).rejects.toThrow();

  const { findings, remedies } = await explained(run.workflowId);
  expect(findings).toMatchObject([
    {
      kind: 'end',
      workflowId: containing('/stream/batch-'),
      failure: { type: 'OffsetsOutOfRange', facts: { where: `${topic}[0]` } },
      outer: { type: 'MicroBatchesFailed' },
    },
  ]);
  const [end] = findings;
  expect(end?.kind === 'end' && end.path.slice(0, 2)).toEqual(['score stream', streamId]);
  expect(remedies.find(({ isAdvised }) => isAdvised)?.name).toBe('reset');
  const ofStream = await explained(streamId);
  expect(ofStream.remedies).toEqual(remedies);
});

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import { ActivityFailure } from '@temporalio/common';
import getPort from 'get-port';
import { expect, onTestFinished } from 'vitest';
import { createLogger } from '../../../src/adapters/logger.ts';
import { loadConfig } from '../../../src/config.ts';
import { workflowType } from '../../../src/domain/names.ts';
import type { PipelineResult } from '../../../src/domain/run/step-results.ts';
import { startWorker } from '../../support/worker/start-worker.ts';
import { FEW_ROWS, IS_STORE_ON_S3, test as base, type TestEnvironment } from '../../support/environment.ts';
import { pollUntil } from '../../support/poll-until.ts';
import { directoryOf } from '../../support/store/directory-of.ts';

const FILMS = Array.from({ length: 60 }, (_, i) => `${((i * 7) % 60) * 1_000},${(i % 90) / 10 + 1}`);

/** A worker with a wrong setting. */
async function startWorkerWith({ env, writeCsv }: TestEnvironment, taskQueue: string, wrong: object) {
  await writeCsv('films.csv', ['budget,imdb_score', ...FILMS].join('\n'));
  const config = loadConfig({ ...env, TASK_QUEUE: taskQueue, ...wrong });
  return startWorker(
    config,
    createLogger({ level: 'info', file: join(directoryOf(config.data), `${taskQueue}.log`) }),
  );
}

const test = base.extend('brokerless', { scope: 'file' }, async ({ environment }, { onCleanup }) => {
  const port = await getPort();
  const taskQueue = environment.newId();
  const worker = await startWorkerWith(environment, taskQueue, { KAFKA_BROKERS: `127.0.0.1:${port}` });
  onCleanup(() => worker.shutdown());
  return { port, taskQueue };
});

async function startRun({ client, newId, newTopic }: TestEnvironment, taskQueue: string) {
  return client.workflow.start(workflowType.ratingPipeline, {
    workflowId: newId(),
    taskQueue,
    args: [{ dataset: { path: 'films.csv' }, quality: FEW_ROWS, topic: newTopic(), forest: { trees: 1 } }],
  });
}

/** The failure that the UI shows for an activity that is retried. */
async function retriedFailure(handle: WorkflowHandle, activity: string) {
  return pollUntil(`${activity} to be tried again`, async () => {
    const { raw, status } = await handle.describe();
    expect(status.name).toBe('RUNNING');
    const pending = raw.pendingActivities?.find(({ activityType }) => activityType?.name === activity);
    return (pending?.attempt ?? 0) < 2 ? undefined : (pending?.lastFailure ?? undefined);
  });
}

// From an object store, a worker reads again what it has written only when it no longer has it in memory.
test.skipIf(IS_STORE_ON_S3)(
  'an artifact that changed between two attempts ends the run with ArtifactCorrupt',
  async ({ environment, brokerless: { taskQueue } }) => {
    const handle = await startRun(environment, taskQueue);
    await retriedFailure(handle, 'publishSplit');
    const { files } = environment;
    const file = (await files.uris()).find(
      (name) => name.includes(handle.firstExecutionRunId) && /\/batch-[0-9a-f]+\.arrow$/.test(name),
    );
    const bytes = await files.read(file ?? 'no batch artifact');
    bytes[20] = (bytes[20] ?? 0) ^ 1;
    await files.overwrite(file ?? '', bytes);

    const error = (await handle.result().catch((reason: unknown) => reason)) as WorkflowFailedError;
    expect(error).toBeInstanceOf(WorkflowFailedError);
    expect(error.cause).toBeInstanceOf(ActivityFailure);
    const { cause } = error.cause as ActivityFailure;
    expect(cause).toMatchObject({ type: 'ArtifactCorrupt' });
    expect(cause?.message).toContain(`an artifact has changed [${file}]: expected sha256`);
  },
);

test('a run waits for an unreachable broker, names it, and continues when it is back', async ({
  environment,
  brokerless: { port, taskQueue },
}) => {
  const handle = await startRun(environment, taskQueue);

  const failure = await retriedFailure(handle, 'publishSplit');
  expect(failure).toMatchObject({ applicationFailureInfo: { type: 'BrokerError', nonRetryable: false } });
  expect(failure.message).toContain(`broker 127.0.0.1:${port}]`);

  await forward(port, environment.config.kafka.brokers[0] ?? '');
  const { predicted, rows } = (await handle.result()) as PipelineResult;
  expect(predicted).toBe(rows.stream);
});

test('a run waits for an unwritable directory, names it, and continues after the fix', async ({
  environment,
}) => {
  const directory = await mkdtemp(join(tmpdir(), 'imdb-artifacts-'));
  const blocked = join(directory, 'blocked');
  await writeFile(blocked, 'a file where a directory should be');
  const taskQueue = environment.newId();
  const worker = await startWorkerWith(environment, taskQueue, {
    ARTIFACT_STORE: join(blocked, 'artifacts'),
  });
  onTestFinished(async () => {
    await worker.shutdown();
    await rm(directory, { recursive: true });
  });
  const handle = await startRun(environment, taskQueue);

  const failure = await retriedFailure(handle, 'loadDataset');
  expect(failure).toMatchObject({
    applicationFailureInfo: { type: 'ArtifactStoreError', nonRetryable: false },
  });
  expect(failure.message).toMatch(/^cannot write an artifact \[runs\/.+\]: got ENOTDIR.+ARTIFACT_STORE/);

  await rm(blocked);
  const { predicted, rows } = (await handle.result()) as PipelineResult;
  expect(predicted).toBe(rows.stream);
});

/** Makes the broker available: connections to the port reach it. */
async function forward(port: number, broker: string): Promise<void> {
  const [host = '', brokerPort] = broker.split(':');
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    const upstream = connect(Number(brokerPort), host);
    for (const end of [socket, upstream]) {
      sockets.add(end);
      end.on('error', () => undefined);
    }
    socket.pipe(upstream).pipe(socket);
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
}

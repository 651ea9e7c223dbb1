import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import { expect, onTestFinished } from 'vitest';
import { createLogger } from '../../../src/adapters/logger.ts';
import { loadConfig } from '../../../src/config.ts';
import { streamWorkflowId, workflowType } from '../../../src/domain/names.ts';
import type { PipelineResult } from '../../../src/domain/run/step-results.ts';
import { FEW_ROWS } from '../../support/environment.ts';
import { pollUntil } from '../../support/poll-until.ts';
import {
  good,
  places,
  predictedPlaces,
  type StreamHandle,
  stop,
  test,
  untilPredicted,
} from '../../support/stream.ts';
import { startWorker } from '../../support/worker/start-worker.ts';

/** `VERSIONING_BEHAVIOR_AUTO_UPGRADE` in the server's answer. */
const AUTO_UPGRADE = 2;

test('runs end on their version; a stream moves to the next and loses no record', async ({
  environment,
  trained: { model },
  createTopic,
  produce,
}) => {
  const { client, env, newId, newTopic } = environment;
  const taskQueue = newId();
  const deploymentName = `imdb-${randomUUID()}`;
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  let begun = 0;

  const deploy = async (buildId: string): Promise<void> => {
    const versioned = { WORKER_DEPLOYMENT: deploymentName, WORKER_BUILD_ID: buildId };
    const config = loadConfig({ ...env, TASK_QUEUE: taskQueue, ...versioned });
    const worker = await startWorker(config, createLogger({ level: 'error' }), {
      interceptors: {
        activity: [
          ({ info: { activityType } }) => ({
            inbound: {
              async execute(input, next) {
                if (activityType === 'trainForest' && (begun += 1) === 1) await opened;
                return next(input);
              },
            },
          }),
        ],
      },
    });
    onTestFinished(() => worker.shutdown());
    await setCurrent(client, deploymentName, buildId);
  };
  const startRun = () =>
    client.workflow.start(workflowType.ratingPipeline, {
      workflowId: newId(),
      taskQueue,
      args: [{ dataset: { path: 'films.csv' }, quality: FEW_ROWS, topic: newTopic(), forest: { trees: 1 } }],
    });
  const versionsOf = async (workflowId: string): Promise<string[]> => {
    const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
    const versions = (events ?? []).flatMap(
      ({ workflowTaskCompletedEventAttributes: task }) => task?.deploymentVersion?.buildId ?? [],
    );
    return [...new Set(versions)];
  };

  await deploy('a');
  const topic = await createTopic(1);
  await produce(
    topic,
    0,
    Array.from({ length: 30 }, (_, i) => good(i)),
  );
  const stream = await startStream(client, taskQueue, { topic, model });
  await untilPredicted(stream, 30);
  const first = await startRun();
  await pollUntil('training to begin', async () => begun > 0);

  await deploy('b');
  await produce(
    topic,
    0,
    Array.from({ length: 30 }, (_, i) => good(i)),
  );
  await untilPredicted(stream, 60);
  const second = await startRun();
  const results = [(await second.result()) as PipelineResult];
  open();
  results.push((await first.result()) as PipelineResult);
  await stop(stream);

  expect(results.map(({ predicted, rows }) => predicted === rows.stream)).toEqual([true, true]);
  expect(await versionsOf(first.workflowId)).toEqual(['a']);
  expect(await versionsOf(streamWorkflowId(first.workflowId))).toEqual(['a']);
  expect(await versionsOf(second.workflowId)).toEqual(['b']);
  expect(await versionsOf(stream.workflowId)).toEqual(['a', 'b']);
  expect(await predictedPlaces(environment, topic)).toEqual(places(0, 60));
});

test('a stream begun without versions takes the current one, the next, and none again', async ({
  environment,
  trained: { model },
  createTopic,
  produce,
}) => {
  const { client, env, newId } = environment;
  const taskQueue = newId();
  const deploymentName = `imdb-${randomUUID()}`;
  const start = async (versioned: Readonly<Record<string, string>> = {}) => {
    const config = loadConfig({ ...env, TASK_QUEUE: taskQueue, ...versioned });
    return startWorker(config, createLogger({ level: 'error' }));
  };
  const startVersion = (buildId: string) =>
    start({ WORKER_DEPLOYMENT: deploymentName, WORKER_BUILD_ID: buildId });
  const topic = await createTopic(1);
  let rows = 0;
  const untilMore = async (): Promise<unknown> => {
    await produce(
      topic,
      0,
      Array.from({ length: 10 }, (_, i) => good(i)),
    );
    return untilPredicted(stream, (rows += 10));
  };

  const unversioned = await start();
  const stream = await startStream(client, taskQueue, { topic, model });
  await untilMore();
  const a = await startVersion('a');
  await setCurrent(client, deploymentName, 'a');
  await unversioned.shutdown();
  await untilMore();
  const b = await startVersion('b');
  await setCurrent(client, deploymentName, 'b');
  await a.shutdown();
  await untilMore();
  const { raw } = await stream.describe();
  const again = await start();
  onTestFinished(() => again.shutdown());
  await setCurrent(client, deploymentName, '');
  await b.shutdown();
  await untilMore();
  await stop(stream);

  expect(raw.workflowExecutionInfo?.versioningInfo).toMatchObject({
    behavior: AUTO_UPGRADE,
    deploymentVersion: { buildId: 'b' },
  });
  expect(await predictedPlaces(environment, topic)).toEqual(places(0, rows));
});

async function startStream(
  client: Client,
  taskQueue: string,
  input: { readonly topic: string; readonly model: PipelineResult['model'] },
): Promise<StreamHandle> {
  const handle = await client.workflow.start(workflowType.scoreStream, {
    workflowId: randomUUID(),
    taskQueue,
    args: [{ ...input, trigger: { intervalSeconds: 0.5 }, stream: { microBatchRows: 10 } }],
  });
  return Object.assign(handle as unknown as Omit<StreamHandle, 'progress'>, {
    progress: () => handle.query<Awaited<ReturnType<StreamHandle['progress']>>>('progress'),
  });
}

/** As `temporal worker deployment set-current-version`, without a build id as with `--unversioned`: the server knows a version when a worker of it has polled. */
async function setCurrent(client: Client, deploymentName: string, buildId: string): Promise<void> {
  await pollUntil(`version ${buildId} to be current`, async () => {
    const { namespace, identity } = client.options;
    const request = { namespace, identity, deploymentName, buildId };
    return client.workflowService.setWorkerDeploymentCurrentVersion(request).then(
      () => true,
      () => false,
    );
  });
}

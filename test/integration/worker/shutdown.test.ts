import { once } from 'node:events';
import { expect, onTestFinished } from 'vitest';
import { createLogger } from '../../../src/adapters/logger.ts';
import { createStoreRoster } from '../../../src/adapters/temporal/store-roster.ts';
import { workflowType } from '../../../src/domain/names.ts';
import type { PipelineResult } from '../../../src/domain/run/step-results.ts';
import { test } from '../../support/environment.ts';
import { pollUntil } from '../../support/poll-until.ts';
import { startWorkerProcess } from '../../support/worker/worker-process.ts';

test('a worker stopped during training exits cleanly, and another finishes the run', async ({
  environment: { client, config, env, newId, newTopic },
}) => {
  const first = await startWorkerProcess(env);
  onTestFinished(first.kill);
  const handle = await client.workflow.start(workflowType.ratingPipeline, {
    workflowId: newId(),
    taskQueue: config.taskQueue,
    args: [{ topic: newTopic(), forest: { engine: 'ml-random-forest', trees: 8 } }],
  });
  await pollUntil('training to begin', async () => {
    const { raw } = await handle.describe();
    return raw.pendingActivities?.some(
      ({ activityType, lastStartedTime }) => activityType?.name === 'trainForest' && lastStartedTime,
    );
  });

  first.process.kill('SIGTERM');
  const [code] = (await once(first.process, 'exit')) as [number | null];
  expect(code).toBe(0);

  const second = await startWorkerProcess(env);
  onTestFinished(second.kill);
  const { predicted, rows } = (await handle.result()) as PipelineResult;
  expect(predicted).toBe(rows.stream);
});

/** The server answers an open poll after a minute. */
const LONG_POLL_MS = 60_000;

test('a worker without work stops at once, whatever polls are open', async ({
  environment: { client, env, newId },
}) => {
  const taskQueue = newId();
  const roster = createStoreRoster(client, taskQueue, createLogger({ level: 'silent' }));
  const worker = await startWorkerProcess({ ...env, TASK_QUEUE: taskQueue });
  onTestFinished(worker.kill);
  await pollUntil('the worker to be listed', async () => (await roster.list()).length > 0);

  const stoppedMs = Date.now();
  worker.process.kill('SIGTERM');
  const [code] = (await once(worker.process, 'exit')) as [number | null];

  expect(code).toBe(0);
  expect(Date.now() - stoppedMs).toBeLessThan(LONG_POLL_MS * 0.75);
});

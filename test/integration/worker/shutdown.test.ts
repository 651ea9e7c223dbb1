import { once } from 'node:events';
import { expect, onTestFinished } from 'vitest';
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

import { once } from 'node:events';
import type { Client } from '@temporalio/client';
import { expect, onTestFinished } from 'vitest';
import { PROGRESS_QUERY, streamSignal, workflowType } from '../../../src/domain/names.ts';
import type { StreamProgress } from '../../../src/domain/run/progress.ts';
import type { ContinuousResult, PipelineResult } from '../../../src/domain/run/step-results.ts';
import { test } from '../../support/environment.ts';
import { pollUntil } from '../../support/poll-until.ts';
import { startWorkerProcess } from '../../support/worker/worker-process.ts';

/** Shorter than the training below takes on any machine. */
const GRACE = { WORKER_GRACE_SECONDS: '1' };

test('a worker told to stop leaves no failed attempt in a run and a stream', async ({
  environment: { client, config, env, newId, newTopic },
}) => {
  const workers = await Promise.all([1, 2].map(() => startWorkerProcess({ ...env, ...GRACE })));
  onTestFinished(async () => {
    await Promise.all(workers.map((worker) => worker.kill()));
  });
  const start = (type: string, input: unknown) =>
    client.workflow.start(type, { workflowId: newId(), taskQueue: config.taskQueue, args: [input] });
  const topic = newTopic();
  const first = await start(workflowType.ratingPipeline, { topic, forest: { trees: 2 } });
  const { model } = (await first.result()) as PipelineResult;
  const stream = await start(workflowType.scoreStream, {
    topic,
    model,
    start: 'earliest',
    trigger: { intervalSeconds: 0.5, maxRows: 20 },
    stream: { microBatchRows: 5 },
  });
  const predicted = async (): Promise<number> =>
    (await stream.query<StreamProgress>(PROGRESS_QUERY).catch(() => undefined))?.predicted ?? 0;
  const run = await start(workflowType.ratingPipeline, {
    topic: newTopic(),
    forest: { engine: 'ml-random-forest', trees: 8 },
  });
  await pollUntil('the stream to score', async () => (await predicted()) > 0);
  const trainer = await pollUntil('training to begin', async () => {
    const { raw } = await run.describe();
    const training = raw.pendingActivities?.find(({ activityType }) => activityType?.name === 'trainForest');
    return workers.find(({ process: { pid } }) => training?.lastWorkerIdentity?.startsWith(`${pid}@`));
  });

  trainer.process.kill('SIGTERM');
  const [code] = (await once(trainer.process, 'exit')) as [number | null];
  const before = await predicted();

  expect(code).toBe(0);
  expect(((await run.result()) as PipelineResult).deadLettered).toBe(0);
  await pollUntil('the other worker to score', async () => (await predicted()) > before);
  await stream.signal(streamSignal.stop);
  expect(((await stream.result()) as ContinuousResult).failed).toEqual([]);
  expect(await failedAttempts(client, run.workflowId)).toEqual([]);
  expect(await failedAttempts(client, stream.workflowId)).toEqual([]);
});

/** Of a workflow and its children: attempts after a first one, and workflow tasks that were lost or failed. */
async function failedAttempts(client: Client, workflowId: string): Promise<string[]> {
  const { events = [] } = await client.workflow.getHandle(workflowId).fetchHistory();
  const own = (events ?? []).flatMap((event) => {
    const { attempt, lastFailure } = event.activityTaskStartedEventAttributes ?? {};
    if (attempt && attempt > 1) return [`${workflowId}: attempt ${attempt} after ${lastFailure?.message}`];
    const { workflowTaskTimedOutEventAttributes: lost, workflowTaskFailedEventAttributes: failed } = event;
    return lost || failed ? [`${workflowId}: a workflow task ${lost ? 'was lost' : 'failed'}`] : [];
  });
  const children = (events ?? []).flatMap(
    ({ childWorkflowExecutionStartedEventAttributes: child }) => child?.workflowExecution?.workflowId ?? [],
  );
  const theirs = await Promise.all(children.map((child) => failedAttempts(client, child)));
  return [...own, ...theirs.flat()];
}

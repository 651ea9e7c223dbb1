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

  expect(code).toBe(0);
  expect(((await run.result()) as PipelineResult).deadLettered).toBe(0);
  const before = await predicted();
  const next = await start(workflowType.ratingPipeline, { topic, forest: { trees: 2 } });
  await pollUntil('the other worker to score', async () => (await predicted()) > before);
  await next.result();
  await stream.signal(streamSignal.stop);
  expect(((await stream.result()) as ContinuousResult).failed).toEqual([]);
  expect(await failures(client, run.workflowId)).toEqual([]);
  expect(await failures(client, stream.workflowId)).toEqual([]);
});

/**
 * Of a workflow and its children: attempts that failed or were lost after they had begun, and failed workflow tasks.
 * Without what was on its way to a worker that stops: the SDK drops it, and the server gives it to another one later.
 */
async function failures(client: Client, workflowId: string): Promise<string[]> {
  const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
  const names = new Map<number, string | null | undefined>();
  const failed: string[] = [];
  for (const event of events ?? []) {
    const { activityTaskScheduledEventAttributes: scheduled, activityTaskStartedEventAttributes: started } =
      event;
    if (scheduled) names.set(Number(event.eventId), scheduled.activityType?.name);
    const name = names.get(Number(started?.scheduledEventId)) ?? '';
    const { lastFailure } = started ?? {};
    // A training is long: it had begun.
    if (lastFailure && (!lastFailure.timeoutFailureInfo || name === 'trainForest'))
      failed.push(`${workflowId}: ${name} again after: ${lastFailure.message}`);
    const { failure } = event.workflowTaskFailedEventAttributes ?? {};
    // A signal that arrives while a workflow ends makes its last task run again.
    if (failure && failure.message !== 'UnhandledCommand')
      failed.push(`${workflowId}: a workflow task failed: ${failure.message}`);
  }
  const children = (events ?? []).flatMap(
    ({ childWorkflowExecutionStartedEventAttributes: child }) => child?.workflowExecution?.workflowId ?? [],
  );
  const theirs = await Promise.all(children.map((child) => failures(client, child)));
  return [...failed, ...theirs.flat()];
}

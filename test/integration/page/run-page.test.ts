import type { WorkflowHandle } from '@temporalio/client';
import getPort from 'get-port';
import { expect, onTestFinished } from 'vitest';
import { createLogger } from '../../../src/adapters/logger.ts';
import { loadConfig } from '../../../src/config.ts';
import { readEvents, startedWork } from '../../../src/cli/shared/history.ts';
import { PROGRESS_QUERY, streamWorkflowId } from '../../../src/domain/names.ts';
import type { PipelineProgress } from '../../../src/domain/run/progress.ts';
import { COMMON_STEPS, type PipelineStep } from '../../../src/domain/run/steps.ts';
import type { PipelineResult } from '../../../src/domain/run/step-results.ts';
import { test } from '../../support/explained-runs.ts';
import { pollUntil } from '../../support/poll-until.ts';
import { resetTo } from '../../support/reset.ts';
import { startWorker } from '../../support/worker/start-worker.ts';
import { startGatedWorker } from '../../support/worker/gated-worker.ts';

async function detailsOf(handle: WorkflowHandle): Promise<string> {
  const { currentDetails = '' } = await handle.query<{ readonly currentDetails?: string }>(
    '__temporal_workflow_metadata',
  );
  return currentDetails;
}

async function stepsOf(handle: WorkflowHandle): Promise<PipelineProgress['steps']> {
  return (await handle.query<PipelineProgress>(PROGRESS_QUERY)).steps;
}

test('a reset to a step’s event repeats the step, and keeps the seconds before it', async ({
  environment: { client },
  worker: _worker,
  startRun,
}) => {
  const first = await startRun({ forest: { trees: 4, shards: 2 } });
  const { seconds } = (await first.result()) as PipelineResult;
  const steps = await stepsOf(first);
  const work = startedWork(await readEvents(client.workflow.getHandle(first.workflowId)));
  const firstCalls = COMMON_STEPS.map((name) => work.find(({ step }) => step === name)?.resetEventId);
  expect(steps.map(({ resetEventId }) => resetEventId)).toEqual(firstCalls);

  const stream = client.workflow.getHandle(streamWorkflowId(first.workflowId));
  expect(await detailsOf(stream)).toMatch(/^\*\*Completed\*\* · \d+ micro-batches, \d+ rows predicted/);

  const kept = COMMON_STEPS.slice(0, COMMON_STEPS.indexOf('evaluate'));
  const eventId = steps.find(({ step }) => step === 'evaluate')?.resetEventId ?? 0;
  const again = client.workflow.getHandle(first.workflowId, await resetTo(client, first, eventId));
  const { seconds: secondsAgain } = (await again.result()) as PipelineResult;

  const only = (of: Readonly<Record<string, number>>) => kept.map((name) => [name, of[name]]);
  expect(only(secondsAgain)).toEqual(only(seconds));
  const workAgain = startedWork(await readEvents(again));
  const eventsAgain = (await stepsOf(again)).map(({ step, resetEventId }) => [step, resetEventId]);
  expect(eventsAgain).toEqual(
    COMMON_STEPS.map((name) => [name, workAgain.find(({ step }) => step === name)?.resetEventId]),
  );
  expect(await detailsOf(again)).toMatch(/^\*\*Completed\*\* in [\d.]+ s · RMSE [\d.]+ on the batch split, /);
});

test('a failed run begins with why, what to do, and the event that explain resets to', async ({
  environment: { client },
  worker: _worker,
  startRun,
  explained,
}) => {
  const run = await startRun({ dataset: { path: 'nowhere.csv' } });
  await expect(run.result()).rejects.toThrow();
  const { remedies } = await explained(run.workflowId);
  const [, eventId] = / --event-id (\d+) /.exec(remedies[2]?.command ?? '') ?? [];
  const details = await detailsOf(run);

  expect(details).toMatch(/^\*\*Failed at load: DatasetError\*\*\n\n.*nowhere\.csv/);
  expect(details).toContain(`**Reset** to event **${eventId}** repeats the run from load on.`);

  // The newest workflow task is the one that ended the run: a reset to it ends the run once more.
  const first = client.workflow.getHandle(run.workflowId, run.firstExecutionRunId);
  const last = (await readEvents(first)).findLast(({ workflowTaskCompletedEventAttributes: of }) => of);
  const again = client.workflow.getHandle(run.workflowId, await resetTo(client, run, Number(last?.eventId)));
  await expect(again.result()).rejects.toThrow();
  const [[failed], [failedAgain]] = [await stepsOf(first), await stepsOf(again)];
  expect(failedAgain).toMatchObject({ state: 'failed', seconds: failed?.seconds });
});

test('a wrong input is named in the details, and the memo of a run has its parameters', async ({
  environment: { client },
  worker: _worker,
  startRun,
}) => {
  const wrong = await startRun({ forest: { tree: 5 } });
  await expect(wrong.result()).rejects.toThrow();
  expect(await detailsOf(wrong)).toMatch(
    /^\*\*Failed: InvalidInput\*\*\n\n.*unknown field "tree".*\n\n\*\*What to do\*\*: Start a new run/,
  );

  const run = await startRun({ dataset: { path: 'nowhere.csv' }, split: { seed: 7 } });
  await expect(run.result()).rejects.toThrow();
  const { memo } = await client.workflow.getHandle(run.workflowId).describe();
  expect(memo).toMatchObject({ input: { dataset: { path: 'nowhere.csv' }, split: { seed: 7, train: 0.8 } } });
});

test('a cancelled run shows its step as cancelled and the event to go on from', async ({
  environment: { env, newId },
  startRun,
}) => {
  const taskQueue = newId();
  const away = { KAFKA_BROKERS: `127.0.0.1:${await getPort()}`, TASK_QUEUE: taskQueue };
  const worker = await startWorker(loadConfig({ ...env, ...away }), createLogger({ level: 'error' }));
  onTestFinished(() => worker.shutdown());
  const run = await startRun({}, taskQueue);
  await pollUntil('a second attempt', async () => {
    const { raw } = await run.describe();
    return raw.pendingActivities?.some(({ attempt }) => (attempt ?? 0) >= 2);
  });
  await run.cancel();
  await expect(run.result()).rejects.toThrow();

  const cancelled = (await stepsOf(run)).find(({ step }) => step === 'publish batch');
  expect(cancelled).toMatchObject({ state: 'cancelled' });
  const details = await detailsOf(run);
  expect(details).toMatch(/^\*\*Cancelled at publish batch\*\*/);
  expect(details).toContain(
    `**Reset** to event **${cancelled?.resetEventId}** repeats the run from publish batch`,
  );
});

test('a step that succeeds in spite of a cancellation is where a reset goes on', async ({
  environment,
  startRun,
}) => {
  const { client } = environment;
  const gated = await startGatedWorker(environment, 'splitDataset');
  const run = await startRun({}, gated.taskQueue);
  await gated.reached;
  await run.cancel();
  await pollUntil('the request', async () =>
    (await readEvents(run)).some(({ workflowExecutionCancelRequestedEventAttributes: asked }) => asked),
  );
  gated.open();
  await expect(run.result()).rejects.toThrow();

  const steps = await stepsOf(run);
  expect(steps.filter(({ state }) => state !== 'pending').at(-1)?.step).toBe('split');
  const eventId = steps.find(({ step }) => step === 'split')?.resetEventId ?? 0;
  expect(await detailsOf(run)).toContain(`**Reset** to event **${eventId}** repeats the run from split on.`);
  const again = client.workflow.getHandle(run.workflowId, await resetTo(client, run, eventId));
  expect(await again.result()).toMatchObject({ published: {} });
});

test('a run whose stream was cancelled shows that it has failed', async ({ environment, startRun }) => {
  const { client } = environment;
  const gated = await startGatedWorker(environment, 'predictMicroBatch');
  const run = await startRun({}, gated.taskQueue);
  await gated.reached;
  await client.workflow.getHandle(streamWorkflowId(run.workflowId)).cancel();
  gated.open();
  await expect(run.result()).rejects.toThrow();

  expect(await detailsOf(run)).toMatch(/^\*\*Failed at score stream: Cancelled\*\*/);
  expect(await detailsOf(client.workflow.getHandle(streamWorkflowId(run.workflowId)))).toBe('**Cancelled**');
  const query = `WorkflowId = "${run.workflowId}" AND ExecutionStatus = "Failed" AND PipelineState = "Failed"`;
  await pollUntil('the run to be listed as failed', async () => {
    return (await client.workflow.count(query)).count === 1;
  });
});

test('the details of a terminated run name the step at which it was', async ({ environment, startRun }) => {
  const gated = await startGatedWorker(environment, 'splitDataset');
  const run = await startRun({}, gated.taskQueue);
  await gated.reached;
  const at: PipelineStep = 'split';
  await pollUntil('the step to begin', async () => (await detailsOf(run)).includes(`: ${at}**`));
  await run.terminate();

  expect(await detailsOf(run)).toMatch(/^\*\*Step 2 of 11: split\*\*, begun at \d\d:\d\d:\d\d UTC/);
});

import { once } from 'node:events';
import { expect } from 'vitest';
import { DEFAULT_MODEL_NAME, workflowType } from '../../../src/domain/names.ts';
import type { PipelineResult } from '../../../src/domain/run/step-results.ts';
import { test, type TestEnvironment } from '../../support/environment.ts';
import { pollUntil } from '../../support/poll-until.ts';
import { startMeasuredWorker } from '../../support/worker/measured-worker.ts';

async function startMeasured({ env }: TestEnvironment) {
  const measured = await startMeasuredWorker(env);
  await pollUntil('the worker to be ready', async () => (await measured.get('/ready'))?.status === 200);
  return measured;
}

/** The sum over all processes of the samples whose labels contain the text. */
function sum(exposition: string, name: string, label = ''): number | undefined {
  const samples = exposition
    .split('\n')
    .filter((line) => line.startsWith(`${name}{`) && line.includes(label));
  if (samples.length === 0) return undefined;
  return samples.reduce((total, line) => total + Number(line.slice(line.lastIndexOf(' '))), 0);
}

test('the metrics of a worker with two processes add up to what a run has done', async ({ environment }) => {
  const { client, config, newId, newTopic } = environment;
  const { worker, get } = await startMeasured(environment);
  const topic = newTopic();
  const start = (forest: object): Promise<unknown> =>
    client.workflow.execute(workflowType.ratingPipeline, {
      workflowId: newId(),
      taskQueue: config.taskQueue,
      args: [{ topic, forest }],
    });
  const { rows, predicted, batches } = (await start({ trees: 3 })) as PipelineResult;
  await expect(start({ trees: -1 })).rejects.toThrow();

  const metrics = await pollUntil('the state to be looked up', async () => {
    const { text = '' } = (await get('/metrics')) ?? {};
    const isLookedUp = sum(text, 'imdb_runs', 'status="Failed"') === 1 && text.includes('imdb_champion_rmse');
    return isLookedUp && text;
  });

  const of = (name: string, label?: string) => sum(metrics, name, label);
  expect(of('imdb_process_up')).toBe(2);
  expect(of('imdb_rows_total', 'step="load"')).toBe(rows.kept);
  expect(of('imdb_rows_total', 'step="train"')).toBe(rows.train);
  expect(of('imdb_rows_total', 'step="publish stream"')).toBe(rows.stream);
  expect(of('imdb_dropped_rows_total')).toBe(rows.dropped);
  expect(of('imdb_predictions_total', `topic="${topic}"`)).toBe(predicted);
  expect(of('imdb_micro_batch_seconds_count')).toBe(batches);
  expect(of('imdb_runs', 'status="Completed"')).toBe(1);
  expect(of('imdb_champion_rmse', `model="${DEFAULT_MODEL_NAME}"`)).toBeGreaterThan(0);
  expect(of('imdb_artifact_written_bytes_total')).toBeGreaterThan(0);
  expect(of('temporal_workflow_completed')).toBeGreaterThan(0);

  worker.kill('SIGTERM');
  const [code] = (await once(worker, 'exit')) as [number | null];
  expect(code).toBe(0);
});

test('every log line of an activity or workflow has the ids of its attempt or run', async ({
  environment,
}) => {
  const { client, config, newId, newTopic } = environment;
  const { lines } = await startMeasured(environment);
  const handle = await client.workflow.start(workflowType.ratingPipeline, {
    workflowId: newId(),
    taskQueue: config.taskQueue,
    args: [{ topic: newTopic(), dataset: { path: 'missing.csv' } }],
  });
  await expect(handle.result()).rejects.toThrow();

  const ofActivities = await pollUntil('the failed attempt to be logged', async () => {
    const found = lines().filter(({ activityType }) => activityType !== undefined);
    return found.length > 0 && found;
  });
  const ids = { workflowId: handle.workflowId, runId: handle.firstExecutionRunId };
  for (const line of ofActivities) {
    expect(line).toMatchObject({
      ...ids,
      activityId: expect.any(String) as string,
      activityType: 'loadDataset',
      attempt: 1,
      error: { message: expect.stringContaining('missing.csv') as string },
    });
    expect(line).not.toHaveProperty('taskToken');
  }
  const ofWorkflow = await pollUntil('the failed run to be logged', async () =>
    lines().find(({ msg }) => msg === 'Workflow failed'),
  );
  expect(ofWorkflow).toMatchObject({ ...ids, workflowType: workflowType.ratingPipeline });
});

import { expect, onTestFinished } from 'vitest';
import { createLogger } from '../../../src/adapters/logger.ts';
import { loadConfig } from '../../../src/config.ts';
import { PROGRESS_QUERY, workflowType } from '../../../src/domain/names.ts';
import type { PipelineProgress } from '../../../src/domain/run/progress.ts';
import { STEPS } from '../../../src/domain/run/steps.ts';
import { test } from '../../support/environment.ts';
import { pollUntil } from '../../support/poll-until.ts';
import { startGatedWorker } from '../../support/worker/gated-worker.ts';
import { startWorker } from '../../support/worker/start-worker.ts';

const RUNS = 12;
const PLACES = 2;
/** How far a run may be ahead of its turn: two may look at the same moment. */
const SLACK = 1;

test('of many runs at once, the oldest end before later ones begin', async ({
  environment: { client, env, newId, newTopic },
}) => {
  const taskQueue = newId();
  const config = loadConfig({ ...env, TASK_QUEUE: taskQueue, RUNS_PER_PROCESS: String(PLACES) });
  const loading = new Set<string>();
  const ended = new Set<string>();
  const overtaken: number[] = [];
  const worker = await startWorker(config, createLogger({ level: 'error' }), {
    interceptors: {
      activity: [
        ({ info }) => ({
          inbound: {
            async execute(input, next) {
              const id = info.workflowExecution?.workflowId ?? '';
              if (info.activityType === STEPS.load.activities[0]) {
                loading.add(id);
                overtaken.push(loading.size - ended.size);
              }
              const result = await next(input);
              if (info.activityType === STEPS.report.activities.at(-1)) ended.add(id);
              return result;
            },
          },
        }),
      ],
    },
  });
  onTestFinished(() => worker.shutdown());
  const topic = newTopic();
  const handles = [];
  for (let run = 0; run < RUNS; run += 1) {
    handles.push(
      await client.workflow.start(workflowType.ratingPipeline, {
        workflowId: newId(),
        taskQueue,
        args: [{ topic, forest: { trees: 2 } }],
      }),
    );
  }

  const last = handles.at(-1) as (typeof handles)[number];
  const text = await pollUntil('the last run to say why it waits', async () => {
    const { waiting } = await last.query<PipelineProgress>(PROGRESS_QUERY);
    return waiting;
  });
  expect(text).toMatch(/^waits for a free place: \d+ runs? before this one, of which the workers take 2/);
  await Promise.all(handles.map((handle) => handle.result()));

  expect(Math.max(...overtaken)).toBeLessThanOrEqual(PLACES + SLACK);
  expect([...loading]).toHaveLength(RUNS);
  expect([...ended].at(-1)).not.toBe(handles[0]?.workflowId);
  expect((await last.query<PipelineProgress>(PROGRESS_QUERY)).waiting).toBeUndefined();
});

test('a run says that its training waits for that of another run', async ({ environment }) => {
  const { client, newId, newTopic } = environment;
  const { taskQueue, reached, open } = await startGatedWorker(environment, 'trainForest');
  const start = () =>
    client.workflow.start(workflowType.ratingPipeline, {
      workflowId: newId(),
      taskQueue,
      args: [{ topic: newTopic(), forest: { trees: 2 } }],
    });
  const trains = await start();
  await reached;
  const waits = await start();

  const text = await pollUntil('the second run to say why it waits', async () => {
    const { waiting } = await waits.query<PipelineProgress>(PROGRESS_QUERY);
    return waiting;
  });

  expect(text).toMatch(/^waits for a worker that is free, as of .*: each trains one forest at a time$/);
  open();
  await Promise.all([trains.result(), waits.result()]);
  expect((await waits.query<PipelineProgress>(PROGRESS_QUERY)).waiting).toBeUndefined();
});

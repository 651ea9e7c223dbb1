import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { WorkflowHandle } from '@temporalio/client';
import { describe, expect } from 'vitest';
import { toProse } from '../../../src/domain/markdown.ts';
import { PROGRESS_QUERY, streamWorkflowId, workflowType } from '../../../src/domain/names.ts';
import type { PipelineProgress } from '../../../src/domain/run/progress.ts';
import { adviceOn } from '../../../src/domain/run/advice.ts';
import { nestedBrokerError } from '../../support/trouble/nested-error.ts';
import { createSchedule, startedBy, triggerWithSkip } from '../../support/schedule.ts';
import { startMainWorker } from '../../support/worker/main-worker.ts';
import { FEW_ROWS } from '../../support/environment.ts';
import { test as base } from '../../support/explained-runs.ts';
import { pollUntil } from '../../support/poll-until.ts';
import {
  awayAddress,
  breakActivity,
  detailsOf,
  prepareWorker,
  SOON_MS,
  statesOf,
} from '../../support/trouble/trouble.ts';
import { directoryOf } from '../../support/store/directory-of.ts';

const FILMS = Array.from({ length: 60 }, (_, i) => `${((i * 7) % 60) * 1_000},${(i % 90) / 10 + 1}`);

const test = base.extend('startFilms', ({ environment }) => async (taskQueue: string) => {
  const { client, newId, newTopic, writeCsv } = environment;
  await writeCsv('films.csv', ['budget,imdb_score', ...FILMS].join('\n'));
  return client.workflow.start(workflowType.ratingPipeline, {
    workflowId: newId(),
    taskQueue,
    args: [{ dataset: { path: 'films.csv' }, quality: FEW_ROWS, topic: newTopic(), forest: { trees: 1 } }],
  });
});

async function untilAttention(run: WorkflowHandle): Promise<string> {
  return pollUntil('the run to need attention', async () => {
    const progress = await run.query<PipelineProgress>(PROGRESS_QUERY).catch(() => undefined);
    return progress?.attention;
  });
}

describe('a run whose step fails', () => {
  test('for half a minute says so once, and continues when the broker is back', async ({
    environment,
    startFilms,
  }) => {
    const [broker = ''] = environment.config.kafka.brokers;
    const { address, open } = await awayAddress(broker);
    const { start, taskQueue, notified } = await prepareWorker(environment, { KAFKA_BROKERS: address });
    await start({});
    const run = await startFilms(taskQueue);

    const attention = await untilAttention(run);
    expect(attention).toMatch(
      /^publish batch \(publishSplit\) has not succeeded since .* UTC: attempt \d+ failed, next retry at .* UTC, last error: BrokerError: .+What to do: Start the broker/,
    );
    expect(await detailsOf(run)).toContain(`**Needs attention**: ${toProse(attention)}`);
    await pollUntil('the notification', async () => (await notified('run.needs-attention')).length > 0);
    await open();
    await run.result();

    expect(await statesOf(run)).toEqual(['Running', 'NeedsAttention', 'Running', 'Completed']);
    expect(await notified('run.needs-attention')).toMatchObject([
      {
        subject: run.workflowId,
        data: { message: attention, step: 'publish batch', activity: 'publishSplit', failure: 'BrokerError' },
      },
    ]);
    expect(await notified('run.recovered')).toMatchObject([{ subject: run.workflowId }]);
  });

  test('with a bug needs attention, and continues when the bug is fixed', async ({
    environment,
    startFilms,
  }) => {
    const { start, taskQueue, notified } = await prepareWorker(environment);
    const bug = breakActivity('evaluateModel', () => new TypeError('rows is not iterable'));
    await start({ troubleAfterMs: SOON_MS, interceptors: { activity: [bug.interceptor] } });
    const run = await startFilms(taskQueue);

    expect(await untilAttention(run)).toMatch(
      /^evaluate \(evaluateModel\) .* last error: TypeError: rows is not iterable\. What to do: Report it/,
    );
    bug.fix();
    await run.result();
    expect(await statesOf(run)).toEqual(['Running', 'NeedsAttention', 'Running', 'Completed']);
    expect(await notified('run.needs-attention')).toHaveLength(1);
  });

  test('for its artifact directory continues when the directory is usable', async ({
    environment,
    startFilms,
  }) => {
    const file = join(directoryOf(environment.config.data), 'not-a-directory');
    await writeFile(file, '');
    const { start, taskQueue, notified } = await prepareWorker(environment, {
      ARTIFACT_STORE: join(file, 'artifacts'),
    });
    await start();
    const run = await startFilms(taskQueue);

    expect(await untilAttention(run)).toMatch(/^load \(loadDataset\) .* last error: ArtifactStoreError: /);
    await rm(file);
    await run.result();
    expect(await statesOf(run)).toEqual(['Running', 'NeedsAttention', 'Running', 'Completed']);
    expect(await notified('run.needs-attention')).toHaveLength(1);
  });

  test('in a micro-batch makes the run and its stream need attention, but notifies once', async ({
    environment,
    startFilms,
  }) => {
    const { start, taskQueue, notified } = await prepareWorker(environment);
    const bug = breakActivity('predictMicroBatch', () => new RangeError('offset is out of bounds'));
    await start({ troubleAfterMs: SOON_MS, interceptors: { activity: [bug.interceptor] } });
    const run = await startFilms(taskQueue);

    expect(await untilAttention(run)).toMatch(
      /^score stream, batch \d+ \(predictMicroBatch\) .* last error: RangeError: offset is out of bounds/,
    );
    const stream = environment.client.workflow.getHandle(streamWorkflowId(run.workflowId));
    expect(await detailsOf(stream)).toMatch(/needs attention[^]*batch \d+ \(predictMicroBatch\)/);
    bug.fix();
    await run.result();

    const expected = ['Running', 'NeedsAttention', 'Running', 'Completed'];
    expect(await statesOf(run)).toEqual(expected);
    expect(await statesOf(stream)).toEqual(expected);
    expect(await notified('run.needs-attention')).toMatchObject([{ subject: run.workflowId }]);
  });

  test('at night needs attention as any other, and its schedule goes on', async ({ environment }) => {
    const { start, taskQueue, notified } = await prepareWorker(environment);
    const bug = breakActivity('splitDataset', () => new TypeError('rows is undefined'));
    await start({ troubleAfterMs: SOON_MS, interceptors: { activity: [bug.interceptor] } });
    await environment.writeCsv('night.csv', ['budget,imdb_score', ...FILMS].join('\n'));
    const config = { ...environment.config, taskQueue };
    const { handle } = await createSchedule(
      { ...environment, config },
      {
        input: {
          dataset: { path: 'night.csv' },
          quality: FEW_ROWS,
          topic: environment.newTopic(),
          forest: { trees: 1 },
        },
      },
    );
    await triggerWithSkip(handle);
    const id = await pollUntil('the run to start', async () => (await startedBy(handle))[0]);
    const run = environment.client.workflow.getHandle(id);

    expect(await untilAttention(run)).toMatch(/^split \(splitDataset\) .* TypeError: rows is undefined/);
    bug.fix();
    await run.result();
    expect(await statesOf(run)).toEqual(['Running', 'NeedsAttention', 'Running', 'Completed']);
    expect(await notified('run.needs-attention')).toMatchObject([{ subject: id }]);
  });

  test('is shown as paused while an operator pauses it', async ({ environment, startFilms }) => {
    const { start, taskQueue, notified } = await prepareWorker(environment);
    const bug = breakActivity('loadDataset', () => new TypeError('rows is undefined'));
    await start({ troubleAfterMs: SOON_MS, interceptors: { activity: [bug.interceptor] } });
    const run = await startFilms(taskQueue);
    const attention = await untilAttention(run);
    await run.signal('pause');
    await untilState(run, 'Paused');
    expect(await detailsOf(run)).toContain(attention.slice(0, attention.indexOf(':')));
    await run.signal('resume');
    await untilState(run, 'NeedsAttention');
    bug.fix();
    await run.result();
    expect((await statesOf(run)).slice(-2)).toEqual(['Running', 'Completed']);
    expect(await notified('run.needs-attention')).toHaveLength(1);
  });

  test('without a worker for trainings needs attention until one trains', async ({
    environment,
    startFilms,
  }) => {
    const { taskQueue, train } = await startMainWorker(environment);
    const run = await startFilms(taskQueue);

    expect(await untilAttention(run)).toMatch(
      new RegExp(
        `^train \\(trainForest\\) .*: no attempt yet, last error: WorkerMissing: no worker answers on task queue "${taskQueue}-training" for role training`,
      ),
    );
    await train();
    await run.result();
    expect(await statesOf(run)).toEqual(['Running', 'NeedsAttention', 'Running', 'Completed']);
  });
});

test('a failure too large for Temporal keeps its type, and explain gives its advice', async ({
  environment,
  startFilms,
  explained,
}) => {
  const { start, taskQueue } = await prepareWorker(environment);
  const bug = breakActivity('publishSplit', nestedBrokerError);
  await start({ troubleAfterMs: SOON_MS, interceptors: { activity: [bug.interceptor] } });
  const run = await startFilms(taskQueue);
  await untilAttention(run);

  const { text } = await explained(run.workflowId);
  expect(text).toContain('BrokerError: cannot publish');
  expect(text).toContain(adviceOn('BrokerError').whatToDo);
  expect(text).toContain('Connection error: connect ECONNREFUSED');
  bug.fix();
  await run.result();
});

async function untilState(run: WorkflowHandle, expected: string): Promise<void> {
  await pollUntil(`the state ${expected}`, async () => (await statesOf(run)).at(-1) === expected);
}

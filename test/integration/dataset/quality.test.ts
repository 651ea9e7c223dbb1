import type { WorkflowFailedError } from '@temporalio/client';
import { expect } from 'vitest';
import { workflowType } from '../../../src/domain/names.ts';
import type { PipelineResult } from '../../../src/domain/run/step-results.ts';
import { test as base } from '../../support/log/record-log.ts';

/** In no order, so that no column is taken for an index. */
const at = (i: number): number => (i * 7_919) % 1_009;
const VOTES = (i: number): number => at(i) ** 2;
const SHIFTED = (i: number): number => at(i) ** 2 + 400_000;

function films(rows: number, votes: (i: number) => number | string): string {
  const lines = Array.from(
    { length: rows },
    (_, i) => `film ${i},${votes(i)},${1_950 + (at(i) % 70)},${1 + (at(i) % 90) / 10}`,
  );
  return ['title,votes,year,score', ...lines].join('\n');
}

/** Runs of one model name on one topic. */
const test = base.extend('nights', { scope: 'file' }, ({ environment, worker: _worker }) => {
  const { client, config, newId, newTopic, writeCsv } = environment;
  return (model: string) => {
    const topic = newTopic();
    return {
      topic,
      async start(csv: string, quality: object = {}, features: 'numeric' | string[] = 'numeric') {
        const path = `${newId()}.csv`;
        await writeCsv(path, csv);
        return client.workflow.start(workflowType.ratingPipeline, {
          workflowId: newId(),
          taskQueue: config.taskQueue,
          args: [
            {
              dataset: { path, target: 'score', key: 'title', features },
              quality,
              topic,
              forest: { trees: 2 },
              promotion: { model },
            },
          ],
        });
      },
    };
  };
});

test('three breaches end a run at once, and nothing is published', async ({ nights, admin, environment }) => {
  const night = nights('breaches');
  const good = await night.start(films(400, VOTES));
  await good.result();
  const before = await admin.fetchTopicOffsets(night.topic);

  const bad = films(350, (i) => (i % 5 < 3 ? 'n/a' : VOTES(i)));
  const run = await night.start(bad, {}, ['votes', 'year']);
  const error = (await run.result().catch((reason: unknown) => reason)) as WorkflowFailedError;
  const failure = (error.cause as Error).cause as Error;

  expect(error.cause).toMatchObject({ retryState: 'NON_RETRYABLE_FAILURE' });
  expect(failure).toMatchObject({ type: 'DataQualityError' });
  expect(failure.message).toContain('140 rows are kept, at least 200 must be (quality.minRows)');
  expect(failure.message).toContain('210 of 350 rows are dropped (60 %: 0 bad, ');
  expect(failure.message).toContain('"votes" has no number in 60 % of the rows, at most 50 %');
  expect(await admin.fetchTopicOffsets(night.topic)).toEqual(before);
  const { events = [] } = await environment.client.workflow.getHandle(run.workflowId).fetchHistory();
  const called = events?.flatMap(
    ({ activityTaskScheduledEventAttributes: task }) => task?.activityType?.name ?? [],
  );
  expect(called).not.toContain('publishSplit');
});

test('shifted data are named, and stop a run that asks for it before it publishes', async ({
  nights,
  admin,
}) => {
  const night = nights('drift');
  const first = (await (await night.start(films(400, VOTES))).result()) as PipelineResult;
  expect(first.drift).toMatchObject({ champion: null, columns: [] });

  const same = (await (await night.start(films(400, VOTES), { onDrift: 'fail' })).result()) as PipelineResult;
  expect(same.drift).toMatchObject({ champion: first.model.version, compared: 3, drifted: 0 });
  expect(same.drift.columns.every(({ psi, ks }) => psi === 0 && ks === 0)).toBe(true);

  const before = await admin.fetchTopicOffsets(night.topic);
  const refused = await night.start(films(400, SHIFTED), { onDrift: 'fail' });
  const error = (await refused.result().catch((reason: unknown) => reason)) as WorkflowFailedError;
  const failure = (error.cause as Error).cause as Error;
  expect(failure).toMatchObject({ type: 'DataQualityError' });
  expect(failure.message).toMatch(/: got votes PSI \d+\.\d\d against model [0-9a-f]{12}, at most 0\.25/);
  expect(await admin.fetchTopicOffsets(night.topic)).toEqual(before);

  const warned = (await (await night.start(films(400, SHIFTED))).result()) as PipelineResult;
  expect(warned.drift).toMatchObject({ champion: first.model.version, compared: 3, drifted: 1 });
  expect(warned.drift.columns[0]).toMatchObject({ column: 'votes', limit: 0.25 });
});

test('features that are gone and new are named, and stop a run that asks for it', async ({ nights }) => {
  const night = nights('features');
  await (await night.start(films(400, VOTES))).result();
  const renamed = films(400, VOTES).replace('votes', 'num_votes');

  const warned = (await (await night.start(renamed)).result()) as PipelineResult;
  expect(warned.drift).toMatchObject({
    compared: 2,
    gone: { count: 1, names: ['votes'] },
    added: { count: 1, names: ['num_votes'] },
  });

  const refused = await night.start(renamed, { onDrift: 'fail' });
  await expect(refused.result()).rejects.toMatchObject({
    cause: {
      cause: { type: 'DataQualityError', message: expect.stringContaining('are gone: votes') as string },
    },
  });
});

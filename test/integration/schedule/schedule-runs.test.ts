import { expect } from 'vitest';
import type { PipelineResult } from '../../../src/domain/run/step-results.ts';
import { FEW_ROWS, test } from '../../support/environment.ts';
import { imdb, jsonOf } from '../../support/command/imdb-command.ts';
import { pollUntil } from '../../support/poll-until.ts';
import { createSchedule, endOf, startedBy, triggerWithSkip } from '../../support/schedule.ts';

const NIGHTS = ['2026-11-20', '2026-11-21', '2026-11-22'] as const;

/** Enough films for every split. The number differs for each night. */
function films(count: number): string {
  const rows = Array.from(
    { length: count },
    (_, film) => `Film ${film},${film * 3},${90 + (film % 40)},${(film % 90) / 10 + 1}`,
  );
  return ['movie_title,budget,duration,imdb_score', ...rows].join('\n');
}

test('two triggers at once give one run, and the next trigger after it another', async ({
  environment,
  worker: _worker,
}) => {
  const { client, newTopic } = environment;
  const { handle } = await createSchedule(environment, {
    input: { topic: newTopic(), forest: { trees: 1 } },
  });
  const started = (count: number) =>
    pollUntil(`${count} runs to have been started`, async () => {
      const ids = await startedBy(handle);
      return ids.length >= count && ids;
    });

  await Promise.all([triggerWithSkip(handle), triggerWithSkip(handle)]);
  const [first = ''] = await started(1);
  const result = (await endOf(client, first)) as PipelineResult;
  // If the server had queued one of the two, its run would start before this one.
  await triggerWithSkip(handle);
  const ids = await started(2);
  const last = (await endOf(client, ids.at(-1) ?? '')) as PipelineResult;

  expect(ids).toHaveLength(2);
  expect(result.predicted).toBe(result.rows.stream);
  expect(last.model.version).toBe(result.model.version);
  expect(await startedBy(handle)).toEqual(ids);
});

test('a failed run pauses its schedule with a note; show says why, resume clears it', async ({
  environment,
  worker: _worker,
}) => {
  const { env } = environment;
  const { handle } = await createSchedule(environment, {
    input: { dataset: { path: 'nothing-{yyyy}.csv' }, forest: { trees: 1 } },
  });

  await triggerWithSkip(handle);
  const { state } = await pollUntil('the schedule to be paused', async () => {
    const description = await handle.describe();
    return description.state.paused && description;
  });
  const [failed = ''] = await startedBy(handle);

  expect(state.note).toContain(`paused due to workflow failure: ${failed}`);
  const { runs } = await pollUntil('the run to be listed as failed', async () => {
    const shown = jsonOf(await imdb(['schedule', 'show', '--id', handle.scheduleId, '--json'], env));
    return JSON.stringify(shown['runs']).includes('"failed"') && shown;
  });
  expect(runs).toMatchObject([
    { workflowId: failed, failure: { step: 'loadDataset', type: 'DatasetError' } },
  ]);
  expect(JSON.stringify(runs)).toContain('no such file [nothing-');
  await handle.unpause('fixed');
  expect((await handle.describe()).state).toMatchObject({ paused: false, note: 'fixed' });
});

test('a backfill of three days gives three runs in order, each on the file of its day', async ({
  environment,
  worker: _worker,
}) => {
  const { client, env, newTopic, writeCsv } = environment;
  for (const [night, date] of NIGHTS.entries()) await writeCsv(`movies-${date}.csv`, films(200 + night));
  const { handle } = await createSchedule(environment, {
    timezone: 'Europe/Berlin',
    at: '00:30',
    input: {
      dataset: { path: 'movies-{yyyy-MM-dd}.csv' },
      quality: FEW_ROWS,
      topic: newTopic(),
      forest: { trees: 1 },
    },
  });

  const range = ['--from', '2026-11-20', '--to', '2026-11-22'];
  const backfill = await imdb(['schedule', 'backfill', '--id', handle.scheduleId, ...range], env);
  const ids = await pollUntil('three runs to have been started', async () => {
    const started = await startedBy(handle);
    return started.length === NIGHTS.length && started;
  });
  const results = (await Promise.all(ids.map((id) => endOf(client, id)))) as PipelineResult[];
  const times = await Promise.all(ids.map((id) => client.workflow.getHandle(id).describe()));

  expect(backfill.stdout.split('\n').slice(1)).toEqual(NIGHTS.map((date) => `  ${date}T00:30:00+01:00`));
  // Half past midnight in Berlin: file names have Berlin's dates, times are in UTC.
  expect(results.map(({ dataset, rows }) => [dataset.source.path, dataset.asOf, rows.loaded])).toEqual([
    ['movies-2026-11-20.csv', '2026-11-19T23:30:00.000Z', 200],
    ['movies-2026-11-21.csv', '2026-11-20T23:30:00.000Z', 201],
    ['movies-2026-11-22.csv', '2026-11-21T23:30:00.000Z', 202],
  ]);
  for (const [night, { startTime }] of times.entries()) {
    const before = times[night - 1]?.closeTime;
    expect(startTime.getTime()).toBeGreaterThanOrEqual(before?.getTime() ?? 0);
  }
});

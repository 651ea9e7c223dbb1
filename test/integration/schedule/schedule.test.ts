import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { onTestFinished, expect } from 'vitest';
import { NIGHTLY_SCHEDULE_ID } from '../../../src/domain/names.ts';
import { test } from '../../support/environment.ts';
import { imdb, jsonOf } from '../../support/command/imdb-command.ts';
import { pollUntil } from '../../support/poll-until.ts';
import { createSchedule, startedBy } from '../../support/schedule.ts';

test('apply creates the nightly schedule, shows what changes, and is idempotent', async ({
  environment: { client, env, newTopic },
}) => {
  const handle = client.schedule.getHandle(NIGHTLY_SCHEDULE_ID);
  onTestFinished(() => handle.delete().catch(() => undefined));
  const file = join(env['DATA_DIR'] ?? '', 'schedule.json');
  await writeFile(
    file,
    JSON.stringify({
      timezone: 'Europe/Berlin',
      note: 'ours',
      input: { topic: newTopic(), forest: { trees: 1 } },
    }),
  );
  const apply = (...args: string[]) => imdb(['schedule', 'apply', '--file', file, ...args], env);

  expect((await apply('--dry-run')).stdout).toContain('nothing is changed');
  const created = await apply();
  expect(created.stdout).toContain('created: every day at 02:00 Europe/Berlin');
  const { policies, spec, action } = await handle.describe();
  expect(policies).toEqual({ overlap: 'SKIP', pauseOnFailure: true, catchupWindow: 6 * 3_600_000 });
  expect(spec.jitter).toBe(5 * 60_000);
  // The UI's start form would copy them into a manual run with another input.
  expect([action.staticSummary, action.staticDetails].join('')).toBe('');

  expect((await apply()).stdout).toBe(created.stdout.replace('created', 'unchanged'));
  const changed = await apply('--at', '03:30', '14:00', '--set', 'forest.trees=2');
  expect(changed.stdout.split('\n')).toEqual([
    `schedule "${NIGHTLY_SCHEDULE_ID}" updated: every day at 03:30 and 14:00 Europe/Berlin`,
    '  at: 02:00 → 03:30, 14:00',
    '  input.forest.trees: 1 → 2',
  ]);

  await handle.pause('holiday');
  const kept = await apply();
  expect(kept.stdout).toContain('updated: every day at 02:00 Europe/Berlin, paused');
  expect((await handle.describe()).state).toMatchObject({ paused: true, note: 'holiday' });
});

test('a trigger names the run that it started, or the one that is in progress', async ({ environment }) => {
  const { client, env } = environment;
  // No worker polls, so the first run stays in progress.
  const { handle } = await createSchedule(environment, { timezone: 'Asia/Tokyo' });
  const schedule = (command: string, ...args: string[]) =>
    imdb(['schedule', command, '--id', handle.scheduleId, ...args], env);

  const started = await schedule('trigger');
  const [runId = ''] = await startedBy(handle);
  onTestFinished(async () => {
    await client.workflow.getHandle(runId).terminate();
  });
  expect(started.stdout).toContain(`triggered: started: ${runId} http`);
  const skipped = await schedule('trigger');
  expect(skipped.stdout).toContain(`triggered: skipped, a run is in progress: ${runId} http`);
  expect(await startedBy(handle)).toEqual([runId]);

  const shown = await pollUntil('the run to be listed', async () => {
    const json = jsonOf(await schedule('show', '--json'));
    return (json['runs'] as unknown[]).length > 0 && json;
  });
  expect(shown).toMatchObject({
    at: ['02:00'],
    paused: false,
    runs: [{ workflowId: runId, status: 'running' }],
  });
  expect(shown['next']).toHaveLength(5);
  for (const next of shown['next'] as string[]) expect(next).toMatch(/T02:0\d:\d\d\+09:00$/);
});

test('the schedule is paused and resumed with a reason, and deleted', async ({ environment }) => {
  const { env } = environment;
  const { handle } = await createSchedule(environment, { timezone: 'Europe/Berlin' });
  const schedule = (command: string, ...args: string[]) =>
    imdb(['schedule', command, '--id', handle.scheduleId, ...args], env);

  await schedule('pause', 'holiday');
  const { stdout } = await schedule('show');
  expect(stdout).toContain('every day at 02:00 Europe/Berlin');
  expect(stdout).toContain('paused: holiday');
  await schedule('resume', 'back again');
  expect((await handle.describe()).state).toMatchObject({ paused: false, note: 'back again' });
  await schedule('delete');
  const gone = await schedule('show');
  expect(gone.exitCode).toBe(2);
  expect(gone.stderr).toContain('imdb schedule apply');
});

test('what would fail every night, or never run, is refused before anything is changed', async ({
  environment,
}) => {
  const { env } = environment;
  const { handle } = await createSchedule(environment, { timezone: 'Europe/Berlin', days: ['monday'] });
  const file = join(env['DATA_DIR'] ?? '', 'wrong.json');
  await writeFile(
    file,
    JSON.stringify({ at: '25:00', timezone: 'Middle/Earth', input: { forest: { trees: 0 } } }),
  );
  const schedule = (command: string, ...args: string[]) =>
    imdb(['schedule', command, '--id', handle.scheduleId, ...args], env);

  const [wrong, noFile, noDate, future, noMonday] = await Promise.all([
    schedule('apply', '--file', file),
    schedule('apply', '--file', `${file}.gone`),
    schedule('backfill', '--from', '2026-11-31', '--to', '2026-12-01'),
    schedule('backfill', '--from', '2026-11-20', '--to', '2999-01-01'),
    schedule('backfill', '--from', '2026-11-20', '--to', '2026-11-20'),
  ]);

  expect(wrong.stderr).toMatch(/at: .*"25:00".*timezone: .*"Middle\/Earth".*input\.forest\.trees: /);
  expect(noFile.stderr).toContain(`--file ${file}.gone`);
  expect(noDate.stderr).toContain('--from 2026-11-31: expected a date like 2026-11-20');
  expect(future.stderr).toContain('--to 2999-01-01: it is still');
  expect(noMonday.stderr).toContain('has no time from 2026-11-20 to 2026-11-20 in Europe/Berlin');
  expect([wrong, noFile, noDate, future, noMonday].map(({ exitCode }) => exitCode)).toEqual([2, 2, 2, 2, 2]);
  expect(await startedBy(handle)).toEqual([]);
});

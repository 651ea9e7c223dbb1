import { onTestFinished, expect } from 'vitest';
import { NIGHTLY_SCHEDULE_ID } from '../../src/domain/names.ts';
import type { PipelineResult } from '../../src/domain/step-results.ts';
import { test } from '../support/environment.ts';
import { imdb } from '../support/imdb-command.ts';
import { pollUntil } from '../support/poll-until.ts';

test('the nightly schedule is created, changed in place, triggered into a complete run, paused, resumed, deleted', async ({
  environment: { client, env, newTopic },
  worker: _worker,
}) => {
  const handle = client.schedule.getHandle(NIGHTLY_SCHEDULE_ID);
  onTestFinished(() => handle.delete().catch(() => undefined));
  const schedule = (...args: string[]) => imdb(['schedule', ...args], env);
  const input = ['--set', `topic=${newTopic()}`, '--set', 'forest.trees=1'];

  expect((await schedule('show')).stderr).toContain('imdb schedule apply');
  const created = await schedule('apply', '--at', '02:00', '--timezone', 'Europe/Berlin', ...input);
  expect(created.stdout).toContain('created: every day at 02:00 Europe/Berlin');
  const updated = await schedule('apply', '--at', '03:30', '--timezone', 'Europe/Berlin', ...input);
  expect(updated.stdout).toContain('updated: every day at 03:30 Europe/Berlin');

  const { policies, spec } = await handle.describe();
  expect(policies).toMatchObject({ overlap: 'SKIP', pauseOnFailure: true });
  expect(policies.catchupWindow).toBeGreaterThan(0);
  expect(spec.jitter).toBeGreaterThan(0);
  expect(spec.calendars).toHaveLength(1);

  expect((await schedule('trigger')).exitCode).toBe(0);
  const action = await pollUntil('the triggered run to be listed', async () => {
    const { info } = await handle.describe();
    return info.recentActions.at(-1)?.action.workflow;
  });
  const result = (await client.workflow.getHandle(action.workflowId).result()) as PipelineResult;
  expect(result.predicted).toBe(result.rows.stream);

  await schedule('pause', 'holiday');
  expect((await schedule('show')).stdout).toContain('paused: holiday');
  await schedule('resume');
  const shown = await schedule('show');
  expect(shown.stdout).toContain('every day at 03:30 Europe/Berlin');
  expect(shown.stdout).toContain(action.workflowId);
  await schedule('delete');
  expect((await schedule('show')).exitCode).toBe(2);
});

test('a nightly schedule that would fail every night is refused when it is made', async ({
  environment: { env },
}) => {
  const apply = (...args: string[]) => imdb(['schedule', 'apply', ...args], env);
  const [badInput, badTime, badZone] = await Promise.all([
    apply('--set', 'forest.trees=0'),
    apply('--at', '25:00'),
    apply('--timezone', 'Middle/Earth'),
  ]);

  expect([badInput, badTime, badZone].map(({ exitCode }) => exitCode)).toEqual([2, 2, 2]);
  expect(badInput.stderr).toContain('forest.trees');
  expect(badTime.stderr).toContain('25:00');
  expect(badZone.stderr).toContain('Middle/Earth');
});

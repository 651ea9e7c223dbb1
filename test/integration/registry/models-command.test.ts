import { assert, expect, onTestFinished } from 'vitest';
import { createLogger } from '../../../src/adapters/logger.ts';
import { readChampion } from '../../../src/adapters/temporal/champion.ts';
import { createTemporalModelRegistry } from '../../../src/adapters/temporal/model-registry.ts';
import { rollbackId } from '../../../src/cli/models/registry.ts';
import { loadConfig } from '../../../src/config.ts';
import {
  PROGRESS_QUERY,
  registryQuery,
  registryUpdate,
  registryWorkflowId,
} from '../../../src/domain/names.ts';
import type { RegistryEntry } from '../../../src/domain/registry/model-registry.ts';
import type { PipelineProgress } from '../../../src/domain/run/progress.ts';
import { imdb, jsonOf, startImdb } from '../../support/command/imdb-command.ts';
import { pollUntil } from '../../support/poll-until.ts';
import { proposalOf, registeredModel, test } from '../../support/registry.ts';
import { startWorker } from '../../support/worker/start-worker.ts';

test('imdb models lists, shows, promotes and rolls back; it refuses in one line', async ({
  environment: { env },
  worker: _worker,
  registry,
}) => {
  const [a, b] = ['a/0', 'b/0'].map((run) => registeredModel(run).version) as [string, string];
  await registry.propose('rated', proposalOf('a/0', null));
  await registry.propose('rated', {
    ...proposalOf('b/0', a, 'keep'),
    comparison: {
      rows: 380,
      champion: a,
      championRmse: 0.9,
      challengerRmse: 0.95,
      margin: 0.018,
      difference: 0.05,
      interval: [0.01234, 0.0876],
    },
  });
  const models = (...args: string[]) => imdb(['models', ...args], env);

  const list = await pollUntil('the registry to be listed', async () => {
    const { stdout } = await models('list');
    return stdout.includes('rated') && stdout;
  });
  expect(list).toContain(a);
  const shown = (await models('show', 'rated')).stdout;
  expect(shown).toMatch(/2 .* kept .*\+0\.0123 to \+0\.0876/);
  expect(shown.indexOf('kept')).toBeLessThan(shown.indexOf('promoted'));

  const promoted = await models('promote', 'rated', b, '--reason', 'better in production');
  expect(promoted).toEqual({
    exitCode: 0,
    stderr: '',
    stdout: `rated: ${b} is the champion now, promoted by hand: better in production`,
  });
  const back = await models('rollback', 'rated', '--json');
  expect(jsonOf(back)).toMatchObject({ name: 'rated', change: 'rolled back', champion: a, number: 4 });

  const [first, unknown, badVersion, noModel] = await Promise.all([
    models('rollback', 'rated'),
    models('promote', 'rated', 'ffffffffffff'),
    models('promote', 'rated', 'newest'),
    models('show', 'wine'),
  ]);
  expect([first, unknown, badVersion, noModel].map(({ exitCode }) => exitCode)).toEqual([2, 2, 2, 2]);
  expect(first.stderr).toMatch(/^imdb: there is no earlier champion to go back to: .*\n?$/);
  expect(unknown.stderr).toContain(`expected one of ${a}, ${b}, got ffffffffffff`);
  expect(badVersion.stderr).toContain('expected 12 hex digits');
  expect(noModel.stderr).toMatch(/^imdb: no model "wine" on task queue/);
});

test('a rollback that nobody answered is done once, although it was repeated', async ({ environment }) => {
  const taskQueue = environment.newId();
  const env = { ...environment.env, TASK_QUEUE: taskQueue };
  const start = () => startWorker(loadConfig(env), createLogger({ level: 'error' }));
  const registry = createTemporalModelRegistry(environment.client, taskQueue);
  const first = await start();
  const { version } = registeredModel('a/0');
  await registry.propose('rated', proposalOf('a/0', null));
  await registry.propose('rated', proposalOf('b/0', version));
  await registry.propose('rated', proposalOf('c/0', registeredModel('b/0').version));
  await first.shutdown();

  const handle = environment.client.workflow.getHandle(registryWorkflowId(taskQueue, 'rated'));
  const champion = await readChampion(handle);
  assert(champion);

  const unanswered = [
    await imdb(['models', 'rollback', 'rated'], env),
    await imdb(['models', 'rollback', 'rated'], env),
  ];
  expect(unanswered.map(({ exitCode }) => exitCode)).toEqual([2, 2]);
  expect(unanswered[0]?.stderr).toContain('which may still do it; check "imdb models show rated"');

  const second = await start();
  onTestFinished(() => second.shutdown());
  // The server keeps updates that no worker has seen in memory only: they may be gone, or wait for the next task.
  // So the registry gets a task, and the rollback comes once more, as if it had begun with the others.
  await pollUntil('the registry to answer', () =>
    registry.propose('rated', proposalOf('c/0', registeredModel('b/0').version)).catch(() => undefined),
  );
  await handle.executeUpdate(registryUpdate.rollback, { args: [{}], updateId: rollbackId(champion) });
  const history = await handle.query<readonly RegistryEntry[]>(registryQuery.history);
  expect(history.map(({ change }) => change)).toEqual(['promoted', 'promoted', 'promoted', 'rolled back']);
});

test('a watched run prints the approval commands, and imdb approve continues it', async ({
  environment: { client, env, newId, newTopic },
  worker: _worker,
}) => {
  const id = newId();
  const settings = {
    topic: newTopic(),
    'forest.trees': 1,
    'promotion.approval': 'manual',
    'promotion.model': 'asked',
  };
  const flags = Object.entries(settings).flatMap(([key, value]) => ['--set', `${key}=${value}`]);
  const run = startImdb(['run', '--id', id, '--wait', ...flags], env);
  onTestFinished(() => void run.kill('SIGKILL'));
  let stdout = '';
  run.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  await pollUntil('the request for approval to be shown', async () => stdout.includes(`imdb approve ${id}`));
  expect(stdout).toMatch(/needs attention: may model [0-9a-f]{12} become the champion of asked\?/);
  expect(stdout).toContain(`imdb reject ${id}`);

  const approved = await imdb(['approve', id, '--note', 'by the team'], env);
  expect(approved).toMatchObject({ exitCode: 0, stderr: '' });
  expect(approved.stdout).toMatch(new RegExp(`^${id}: approved: the run goes on`));
  await pollUntil('the run to end', async () => run.exitCode !== null);
  expect(run.exitCode).toBe(0);
  expect(stdout).toMatch(/champion .* asked: [0-9a-f]{12}; this model was promoted/);
  expect(stdout).toContain('approved (by the team); the first model of this name');
  const progress = await client.workflow.getHandle(id).query<PipelineProgress>(PROGRESS_QUERY);
  expect(progress.steps.find(({ step }) => step === 'promote')?.detail).toMatch(
    /^promoted: approved \(by the team\)/,
  );

  const [late, model, card, ofRun, noRun] = await Promise.all([
    imdb(['reject', id], env),
    imdb(['model', 'show', 'asked@champion', '--json'], env),
    imdb(['model', 'show', 'asked@champion', '--card'], env),
    imdb(['model', 'show', id, '--card', '--json'], env),
    imdb(['model', 'show', 'no-such-run', '--card'], env),
  ]);
  expect(late.exitCode).toBe(2);
  expect(late.stderr).toContain(
    `cannot reject "${id}": expected a run that waits for approval, got one that is completed`,
  );
  expect(jsonOf(model)).toMatchObject({ target: 'imdb_score', trees: 1 });
  expect(card.stdout).toMatch(/^# Model card: asked [0-9a-f]{12}\n/);
  expect(jsonOf(ofRun)).toEqual({ card: `${card.stdout}\n` });
  expect(noRun.exitCode).toBe(2);
  expect(noRun.stderr).toMatch(
    /^imdb: no model card of "no-such-run": expected the workflow id of a finished run/,
  );
});

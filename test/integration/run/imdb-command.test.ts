import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import getPort from 'get-port';
import { expect, onTestFinished } from 'vitest';
import { createLogger } from '../../../src/adapters/logger.ts';
import { loadConfig } from '../../../src/config.ts';
import { test } from '../../support/environment.ts';
import { imdb, startImdb } from '../../support/command/imdb-command.ts';
import { pollUntil } from '../../support/poll-until.ts';
import { startWorker } from '../../support/worker/start-worker.ts';

test('imdb run --wait --json ends with the result as one JSON object on the last line', async ({
  environment: { env, newTopic, newId },
  worker: _worker,
}) => {
  const id = newId();
  const settings = ['--set', `topic=${newTopic()}`, '--set', 'forest.trees=1'];
  const { exitCode, stdout, stderr } = await imdb(['run', '--id', id, '--wait', '--json', ...settings], env);

  expect(stderr).toContain('all counts agree');
  expect(exitCode).toBe(0);
  const result = JSON.parse(stdout.split('\n').at(-1) ?? '') as Record<string, unknown>;
  expect(result).toMatchObject({ workflowId: id, deadLettered: 0 });
  expect(result['uiUrl']).toContain(`/workflows/${id}/`);

  const status = await imdb(['status', id], env);
  expect(status).toMatchObject({ exitCode: 0, stderr: '' });
  expect(status.stdout).toContain('completed');
});

test('a failed run is one line with step, type, message and link, and exit code 1', async ({
  environment: { env, newId },
  worker: _worker,
}) => {
  const id = newId();
  const run = await imdb(['run', '--id', id, '--wait', '--set', 'dataset.path=nowhere.csv'], env);

  expect(run.exitCode).toBe(1);
  const lines = run.stderr.trim().split('\n');
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain(`${id} failed in loadDataset: DatasetError: no such file [nowhere.csv]`);
  expect(lines[0]).toContain(`/workflows/${id}/`);

  const status = await imdb(['status', id], env);
  expect(status.exitCode).toBe(1);
  expect(status.stderr).toContain('DatasetError');
});

test('a wrong input is refused before anything is started or connected', async ({ environment: { env } }) => {
  const nowhere = { ...env, TEMPORAL_ADDRESS: '127.0.0.1:1' };
  const file = join(env['DATA_DIR'] ?? '', 'wrong-input.json');
  await writeFile(file, JSON.stringify({ forest: { tree: 5 } }));

  const [field, inFile, stream, schedule] = await Promise.all([
    imdb(['run', '--set', 'foo=1'], nowhere),
    imdb(['run', '--wait', '--input', file], nowhere),
    imdb(['stream', 'start', '--set', 'stream.inFlight=0'], nowhere),
    imdb(['schedule', 'apply', '--set', 'split.seed=x'], nowhere),
  ]);

  expect([field, inFile, stream, schedule].map(({ exitCode }) => exitCode)).toEqual([2, 2, 2, 2]);
  expect(field.stderr).toContain(
    'the input of ratingPipeline is wrong: input: unknown field "foo", expected',
  );
  expect(inFile.stderr).toContain('forest: unknown field "tree", expected some of engine, trees');
  expect(stream.stderr).toMatch(/the input of scoreStream is wrong: stream\.inFlight: Too small: .*got 0/);
  expect(schedule.stderr).toMatch(/the input of the schedule is wrong: input\.split\.seed: .*got "x"/);
});

test('--wait says which task queue has no worker, and ends when the run does', async ({
  environment: { client, env, newId },
}) => {
  const [id, taskQueue] = [newId(), newId()];
  const run = startImdb(['run', '--id', id, '--wait'], { ...env, TASK_QUEUE: taskQueue });
  onTestFinished(() => void run.kill('SIGKILL'));
  let stdout = '';
  run.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));

  await pollUntil('the missing worker to be named', async () =>
    stdout.includes(
      `no worker answers on task queue "${taskQueue}" for role workflows: start one with "imdb worker"`,
    ),
  );
  const status = await imdb(['status', id], env);
  expect(status.stdout).toContain(`no worker answers on task queue "${taskQueue}"`);

  await client.workflow.getHandle(id).terminate('end of test');
  await pollUntil('the command to end', async () => run.exitCode !== null);
  expect(run.exitCode).toBe(1);
});

test('--wait shows the step that is retried, its attempt, next retry and last error', async ({
  environment: { client, env, newId, writeCsv },
}) => {
  const films = Array.from({ length: 60 }, (_, i) => `${((i * 7) % 60) * 1_000},${(i % 90) / 10 + 1}`);
  await writeCsv('films.csv', ['budget,imdb_score', ...films].join('\n'));
  const broker = `127.0.0.1:${await getPort()}`;
  const away = { ...env, TASK_QUEUE: newId(), KAFKA_BROKERS: broker };
  const worker = await startWorker(loadConfig(away), createLogger({ level: 'error' }));
  onTestFinished(() => worker.shutdown());
  const id = newId();
  const run = startImdb(
    ['run', '--id', id, '--wait', '--set', 'dataset.path=films.csv', '--set', 'quality.minRows=1'],
    away,
  );
  onTestFinished(() => void run.kill('SIGKILL'));
  let stdout = '';
  run.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));

  const retried =
    /waits for publish batch \(publishSplit\): attempt \d+, next retry at .* UTC, last error: BrokerError: .*/;
  const line = await pollUntil('the retry to be shown', async () => retried.exec(stdout)?.[0]);
  expect(line).toContain(broker);
  await client.workflow.getHandle(id).terminate('end of test');
});

test('Ctrl-C leaves --wait with exit code 2, and the run is still running', async ({
  environment: { client, env, newId },
}) => {
  const id = newId();
  const run = startImdb(['run', '--id', id, '--wait'], { ...env, TASK_QUEUE: newId() });
  onTestFinished(() => void run.kill('SIGKILL'));
  let [stdout, stderr] = ['', ''];
  run.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  run.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));

  await pollUntil('the run to be started', async () => stdout.includes('started'));
  run.kill('SIGINT');
  await pollUntil('the command to end', async () => run.exitCode !== null);
  expect(run.exitCode).toBe(2);
  expect(stderr).toContain(`${id} is still running: see "imdb status ${id}"`);
  const handle = client.workflow.getHandle(id);
  expect((await handle.describe()).status.name).toBe('RUNNING');
  await handle.terminate('end of test');
});

test('a command that cannot run ends with exit code 2 and one line that says why', async ({
  environment: { env },
}) => {
  const unreachable = { ...env, TEMPORAL_ADDRESS: '127.0.0.1:1' };
  const [noServer, noRun, badConfig, badOption, badSetting] = await Promise.all([
    imdb(['run'], unreachable),
    imdb(['status', 'no-such-run'], env),
    imdb(['worker'], { ...env, KAFKA_SSL: 'yes', LOG_LEVEL: 'loud' }),
    imdb(['run', '--frobnicate'], env),
    imdb(['run', '--set', 'forest.trees'], env),
  ]);

  expect([noServer, noRun, badConfig, badOption, badSetting].map(({ exitCode }) => exitCode)).toEqual([
    2, 2, 2, 2, 2,
  ]);
  expect(noServer.stderr).toMatch(/no Temporal server at 127\.0\.0\.1:1.*TEMPORAL_ADDRESS/);
  expect(noRun.stderr).toContain('no run or stream "no-such-run"');
  expect(badConfig.stderr).toContain('KAFKA_SSL must be true or false');
  expect(badConfig.stderr).toContain('LOG_LEVEL must be');
  expect(badOption.stderr).toContain("unknown option '--frobnicate'");
  expect(badSetting.stderr).toContain('expected key=value');
  for (const { stderr } of [noServer, noRun, badConfig, badOption, badSetting]) {
    expect(stderr).not.toMatch(/^\s+at .*:\d+:\d+/m);
  }
});

test('imdb services stays until it is asked to stop, and then ends cleanly', async ({
  environment: { env },
}) => {
  const services = startImdb(['services'], env);
  onTestFinished(() => void services.kill('SIGKILL'));
  let stdout = '';
  services.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  await pollUntil('the exports to be printed', async () => stdout.includes('Ctrl-C'));
  expect(stdout).toContain(`export KAFKA_BROKERS=${env['KAFKA_BROKERS']}`);

  // While another command runs, the process must not end.
  expect(await imdb(['--version'], env)).toMatchObject({ exitCode: 0 });
  expect(services.exitCode).toBeNull();

  services.kill('SIGTERM');
  await pollUntil('the process to end', async () => services.exitCode !== null);
  expect(services.exitCode).toBe(0);
});

test('imdb health fails if no worker polls the task queue', async ({
  environment: { env },
  worker: _worker,
}) => {
  expect(await imdb(['health'], env)).toMatchObject({ exitCode: 0 });
  const alone = await imdb(['health'], { ...env, TASK_QUEUE: 'without-worker' });
  expect(alone.exitCode).toBe(2);
  expect(alone.stderr).toContain('no worker polls task queue "without-worker"');
});

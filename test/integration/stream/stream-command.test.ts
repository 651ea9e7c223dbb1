import { describe, expect, onTestFinished } from 'vitest';
import getPort from 'get-port';
import { createLogger } from '../../../src/adapters/logger.ts';
import { loadConfig } from '../../../src/config.ts';
import { startWorker } from '../../support/worker/start-worker.ts';
import { imdb, startImdb, jsonOf } from '../../support/command/imdb-command.ts';
import { pollUntil } from '../../support/poll-until.ts';
import { good, test, untilProgress } from '../../support/stream.ts';

const rowsOf = (count: number) => Array.from({ length: count }, (_, i) => good(i));

describe('imdb stream', () => {
  test('starts, shows and stops a stream that follows the champion', async ({
    environment: { client, env, newId },
    trained,
    createTopic,
    produce,
  }) => {
    const topic = await createTopic(2);
    const id = newId();
    const options = ['--id', id, '--topic', topic, '--interval', '0.5', '--set', 'stream.microBatchRows=10'];
    const started = await imdb(['stream', 'start', ...options], env);
    expect(started).toMatchObject({ exitCode: 0, stderr: '' });
    expect(started.stdout).toContain(`model imdb-score@champion, now ${trained.model.version}`);
    expect(started.stdout).toMatch(new RegExp(`${id} started: .*/workflows/${id}/`));

    await produce(topic, 1, rowsOf(25));
    const progress = await untilProgress(client, id, '25 rows', ({ predicted }) => predicted === 25);
    expect(progress).toMatchObject({ state: 'running', failed: 0, position: { topic, lag: 0 } });
    expect(progress.position?.partitions[1]).toEqual({ partition: 1, finished: 25, end: 25 });
    expect((await imdb(['stream', 'status', id], env)).stdout).toMatch(
      /rows +│ 25 predicted, 0 dead-lettered/,
    );
    // `imdb status` shows streams as well.
    expect((await imdb(['status', id], env)).stdout).toContain('25 predicted');

    const twice = await imdb(['stream', 'start', ...options], env);
    expect(twice.exitCode).toBe(2);
    expect(twice.stderr).toContain(`"${id}" is already running`);
    expect(twice.stderr).toContain(`imdb stream stop ${id}`);

    const stopped = await imdb(['stream', 'stop', id, '--wait'], env);
    expect(stopped).toMatchObject({ exitCode: 0, stderr: '' });
    expect(stopped.stdout).toContain(
      `${id} completed: 25 rows predicted, 0 dead-lettered in 3 micro-batches`,
    );
    expect(stopped.stdout).toContain(`continues at ${topic}[0]@0, ${topic}[1]@25; lag 0`);
    const again = await imdb(['stream', 'stop', id], env);
    expect(again).toMatchObject({ exitCode: 0, stderr: '' });
    expect(again.stdout).toContain(`"${id}" is not running: completed at`);
    expect(jsonOf(await imdb(['stream', 'status', id, '--json'], env))).toMatchObject({
      workflowId: id,
      status: 'completed',
      result: { predicted: 25, lag: 0 },
    });
  });

  test('--available-now --wait --json ends with the result as one JSON object', async ({
    environment: { env, newId },
    trained,
    createTopic,
    produce,
  }) => {
    const topic = await createTopic(2);
    await produce(topic, 0, rowsOf(9));
    await produce(topic, 1, rowsOf(4));
    const [model = '', id] = [trained.run.split('/')[0], newId()];
    const what = ['--id', id, '--topic', topic, '--model', model, '--from', '0:5,1:2'];
    const ended = await imdb(['stream', 'start', ...what, '--available-now', '--wait', '--json'], env);

    expect(ended.exitCode).toBe(0);
    expect(jsonOf(ended)).toMatchObject({ workflowId: id, predicted: 6, deadLettered: 0, lag: 0 });
    expect(ended.stderr).toContain(`model ${trained.model.version} of ${model}\n`);
  });

  test('Ctrl-C leaves --wait, and the stream is still running', async ({
    environment: { env, newId },
    trained: _trained,
    createTopic,
    startStream,
  }) => {
    const [id, topic] = [newId(), await createTopic(1)];
    const watcher = startImdb(['stream', 'start', '--id', id, '--topic', topic, '--wait'], env);
    onTestFinished(() => void watcher.kill('SIGKILL'));
    let stdout = '';
    watcher.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    await pollUntil('the stream to be shown', async () => stdout.includes('running'));
    watcher.kill('SIGINT');
    await pollUntil('the command to end', async () => watcher.exitCode !== null);

    expect(watcher.exitCode).toBe(0);
    expect(stdout).toContain(`${id} is still running: see "imdb stream status ${id}"`);
    await expect(startStream(id, { topic })).rejects.toThrow('already started');
    expect(await imdb(['stream', 'stop', id, '--wait'], env)).toMatchObject({ exitCode: 0 });
  });

  test('refuses a wrong input or a missing model before anything is started', async ({
    environment: { env, newId, client },
    trained,
  }) => {
    const id = newId();
    const start = ['stream', 'start', '--id', id];
    const [run = ''] = trained.run.split('/');
    const [badTopic, noRun, noModel, unknown] = await Promise.all([
      imdb([...start, '--model', run, '--topic', 'a b', '--set', 'stream.inflight=3'], env),
      imdb([...start, '--model', 'no-such-run'], env),
      imdb(start, { ...env, TASK_QUEUE: newId() }),
      imdb(['stream', 'status', id], env),
    ]);

    expect([badTopic, noRun, noModel, unknown].map(({ exitCode }) => exitCode)).toEqual([2, 2, 2, 2]);
    expect(badTopic.stderr).toMatch(/topic: Kafka allows .*inflight.*expected some of microBatchRows/);
    expect(noRun.stderr).toContain('--model no-such-run: expected the workflow id of a finished run');
    expect(noModel.stderr).toMatch(/no model to score with: no run on task queue .* has completed/);
    expect(unknown.stderr).toContain(`no run or stream "${id}" in namespace "default"`);
    await expect(client.workflow.getHandle(id).describe()).rejects.toThrow('not found');
  });

  test('shows what a stream that cannot open waits for', async ({
    environment: { env, newId, newTopic },
    trained,
  }) => {
    const away = { ...env, TASK_QUEUE: newId(), KAFKA_BROKERS: `127.0.0.1:${await getPort()}` };
    const [id, run = ''] = [newId(), trained.run.split('/')[0]];
    const start = ['stream', 'start', '--id', id, '--model', run, '--topic', newTopic()];
    expect(await imdb(start, away)).toMatchObject({ exitCode: 0 });

    const [withoutWorker, repair] = await Promise.all([
      imdb(['stream', 'status', id], away),
      imdb(['repair', id, '--retry'], away),
    ]);
    expect(withoutWorker).toMatchObject({ exitCode: 0, stderr: '' });
    expect(withoutWorker.stdout).toContain(`no worker answers on task queue "${away.TASK_QUEUE}"`);
    expect(repair.exitCode).toBe(2);
    expect(repair.stderr).toContain(`no worker answered for "${id}"`);

    const config = loadConfig(away);
    const worker = await startWorker(config, createLogger({ level: 'error' }));
    onTestFinished(() => worker.shutdown());
    const opening = await pollUntil('the broker to be missed', async () => {
      const { stdout } = await imdb(['stream', 'status', id], away);
      return stdout.includes('BrokerError') && stdout;
    });
    expect(opening).toContain('It is opening');
    expect(opening).toMatch(/waits for openStream: attempt \d+, .*last error: BrokerError: .*KAFKA_BROKERS/);
    const stop = await imdb(['stream', 'stop', id], away);
    expect(stop.stdout).toMatch(/stops: it finishes .*\n {2}first it waits for openStream/);
  });
});

test('a stream that failed is shown with the reason, and exit code 1', async ({
  environment: { env, newId, newTopic },
  trained,
  startStream,
}) => {
  const id = newId();
  const wrong = { ...trained.model, artifact: trained.report };
  const stream = await startStream(id, { topic: newTopic(), model: wrong });
  await stream.result().catch(() => undefined);

  const status = await imdb(['stream', 'status', id, '--json'], env);
  expect(status.exitCode).toBe(1);
  expect(jsonOf(status)).toMatchObject({
    status: 'failed',
    failure: { step: 'openStream', type: 'ModelMismatch' },
  });
  expect(status.stderr).toContain(`${id} failed in openStream: ModelMismatch: not a model file`);
});

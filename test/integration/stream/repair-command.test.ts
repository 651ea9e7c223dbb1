import { expect, onTestFinished } from 'vitest';
import type { Client } from '@temporalio/client';
import { microBatchWorkflowId, streamWorkflowId } from '../../../src/domain/names.ts';
import { imdb, startImdb } from '../../support/command/imdb-command.ts';
import { pollUntil } from '../../support/poll-until.ts';
import { startGatedWorker } from '../../support/worker/gated-worker.ts';
import { BAD, good, predictedPlaces, stop, test, untilProgress } from '../../support/stream.ts';

const STREAM = { microBatchRows: 2, onBadRecord: 'fail', onBatchFailure: 'wait' } as const;

test('imdb repair retries or skips a failed micro-batch, and the stream continues', async ({
  environment,
  createTopic,
  produce,
  startStream,
}) => {
  const { client, env, newId } = environment;
  const topic = await createTopic(1);
  const id = newId();
  await produce(topic, 0, [good(1), good(2), BAD, good(3), good(4)]);
  const stream = await startStream(id, { topic, stream: STREAM });
  const failed = await untilProgress(
    client,
    id,
    'the batch to fail',
    ({ state }) => state === 'needs attention',
  );
  expect(failed).toMatchObject({
    failed: 1,
    predicted: 3,
    failures: [{ batch: 1, place: `${topic}[0]@2..3` }],
  });
  const status = await imdb(['stream', 'status', id], env);
  expect(status.stdout).toContain(`batch 1, ${topic}[0]@2..3: MalformedRecord: "budget" is not a number`);
  expect(status.stdout).toContain(`imdb repair ${id} --retry`);

  const wrong = await imdb(['repair', id, '--retry', '9'], env);
  expect(wrong).toEqual({
    exitCode: 2,
    stdout: '',
    stderr: 'imdb: these micro-batches have not failed: expected some of 1, got 9',
  });

  const first = await runOf(client, microBatchWorkflowId(id, 1));
  expect(await imdb(['repair', id, '--retry'], env)).toMatchObject({
    exitCode: 0,
    stdout: expect.stringMatching(new RegExp(`^${id}: retrying: 1\\. Nothing more to do`)) as string,
  });
  await pollUntil('the batch to fail again', async () => {
    const [again, progress] = [await runOf(client, microBatchWorkflowId(id, 1)), await stream.progress()];
    return again !== first && progress.failed === 1;
  });

  expect(await imdb(['repair', id, '--skip', '1'], env)).toMatchObject({
    exitCode: 0,
    stdout: expect.stringMatching(new RegExp(`^${id}: skipped: 1\\. Nothing more to do`)) as string,
  });
  await produce(topic, 0, [good(5)]);
  const continued = await untilProgress(client, id, 'the next record', ({ predicted }) => predicted === 4);
  expect(continued).toMatchObject({ state: 'running', failed: 0, skipped: 1, position: { lag: 0 } });
  const nothing = await imdb(['repair', id, '--retry'], env);
  expect(nothing.exitCode).toBe(2);
  expect(nothing.stderr).toContain(`nothing to repair: no micro-batch of "${id}" has failed`);

  await stop(stream);
  expect(await predictedPlaces(environment, topic)).toEqual(['0@0', '0@1', '0@4', '0@5']);
  const ended = await imdb(['repair', id, '--retry'], env);
  expect(ended.exitCode).toBe(2);
  expect(ended.stderr).toContain(`"${id}" is not running, it is completed`);
});

test('imdb pause holds a stream, imdb resume continues it; both refuse an ended one', async ({
  environment: { client, env, newId },
  createTopic,
  produce,
  startStream,
}) => {
  const [id, topic] = [newId(), await createTopic(1)];
  const stream = await startStream(id, { topic });
  expect(await imdb(['pause', id], env)).toMatchObject({ exitCode: 0, stderr: '' });
  await produce(topic, 0, [good(1)]);
  const paused = await untilProgress(client, id, 'a batch to be planned', ({ batches }) => batches === 1);
  expect(paused).toMatchObject({ state: 'paused', predicted: 0 });
  expect((await imdb(['stream', 'status', id], env)).stdout).toContain(`imdb resume ${id}`);

  expect(await imdb(['resume', id], env)).toMatchObject({ exitCode: 0, stderr: '' });
  await untilProgress(client, id, 'the row', ({ predicted }) => predicted === 1);
  await stop(stream);
  const late = await imdb(['pause', id], env);
  expect(late.exitCode).toBe(2);
  expect(late.stderr).toContain(
    `cannot pause "${id}": expected a run or stream in progress, got one that is completed`,
  );
});

test('a watched run prints that it needs attention and the command that continues it', async ({
  environment,
}) => {
  const { client, newId, newTopic, writeCsv } = environment;
  const gated = await startGatedWorker(environment, 'consumeMicroBatch');
  const env = { ...environment.env, TASK_QUEUE: gated.taskQueue };
  const films = Array.from({ length: 200 }, (_, i) => `${((i * 7) % 200) * 1_000},${(i % 90) / 10 + 1}`);
  await writeCsv('many.csv', ['budget,imdb_score', ...films].join('\n'));
  const id = newId();
  const settings = {
    'dataset.path': 'many.csv',
    topic: newTopic(),
    'forest.trees': 1,
    'stream.microBatchRows': 1,
    'stream.inFlight': 1,
  };
  const flags = Object.entries(settings).flatMap(([key, value]) => ['--set', `${key}=${value}`]);
  const run = startImdb(['run', '--id', id, '--wait', ...flags], env);
  onTestFinished(() => void run.kill('SIGKILL'));
  let stdout = '';
  run.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));

  // As an operator may do in the UI.
  await gated.reached;
  await client.workflow.getHandle(microBatchWorkflowId(streamWorkflowId(id), 0)).terminate('by a test');
  gated.open();
  await pollUntil('the request for repair to be shown', async () =>
    stdout.includes(`imdb repair ${id} --retry`),
  );
  const status = await imdb(['status', id], env);
  expect(status.stdout).toMatch(/needs attention: 1 failed micro-batch, the first: batch \d+: Terminated/);
  expect(status.stdout).toContain(`imdb repair ${id} --skip`);

  expect(await imdb(['pause', id], env)).toMatchObject({ exitCode: 0 });
  await pollUntil('the pause to be shown', async () => stdout.includes(`imdb resume ${id}`));
  const refused = await imdb(['stream', 'stop', id], env);
  expect(refused.exitCode).toBe(2);
  expect(refused.stderr).toContain(`expected a continuous stream, got a run. Use "imdb pause ${id}"`);
  expect(await imdb(['repair', id, '--retry'], env)).toMatchObject({ exitCode: 0, stderr: '' });
  expect(await imdb(['resume', id], env)).toMatchObject({ exitCode: 0 });

  await pollUntil('the run to end', async () => run.exitCode !== null);
  expect(run.exitCode).toBe(0);
  expect(stdout).toContain('all counts agree');
});

async function runOf(client: Client, workflowId: string): Promise<string> {
  return (await client.workflow.getHandle(workflowId).describe()).runId;
}

import { readFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import getPort from 'get-port';
import { expect, onTestFinished } from 'vitest';
import { createBucket } from '../../../src/adapters/s3/bucket.ts';
import { createLogger } from '../../../src/adapters/logger.ts';
import { loadConfig } from '../../../src/config.ts';
import { workflowType } from '../../../src/domain/names.ts';
import { reportUrl } from '../../../src/domain/run/report-url.ts';
import type { PipelineResult } from '../../../src/domain/run/step-results.ts';
import { serveReports } from '../../../src/worker/serve-reports.ts';
import { imdb, jsonOf } from '../../support/command/imdb-command.ts';
import { test as base, type TestEnvironment } from '../../support/environment.ts';
import { pollUntil } from '../../support/poll-until.ts';
import { newS3 } from '../../support/s3/s3.ts';
import { createS3Subject } from '../../support/s3/subject.ts';
import { directoryOf } from '../../support/store/directory-of.ts';
import { startWorker } from '../../support/worker/start-worker.ts';

/** `s3` has the dataset of the environment; its worker reads and writes nothing else. */
const test = base.extend('s3', { scope: 'file' }, async ({ environment }, { onCleanup }) => {
  const { env, settings, place } = await newS3();
  const data = { ...place, prefix: place.prefix.replace('artifacts', 'data') };
  const films = await readFile(join(directoryOf(environment.config.data), 'movies.csv'));
  const bucket = createBucket(settings, data);
  await bucket.put('cannot write', 'nightly/movies.csv', films, { sha256: '', ifAbsent: true });
  const taskQueue = environment.newId();
  const all = {
    ...environment.env,
    ...env,
    DATA_DIR: `s3://${data.bucket}/${data.prefix}`,
    TASK_QUEUE: taskQueue,
  };
  const worker = await startWorker(loadConfig(all), createLogger({ level: 'error' }));
  const subject = createS3Subject(settings, place);
  onCleanup(async () => {
    await worker.shutdown();
    bucket.close();
    subject.bucket.close();
  });
  return { env: all, taskQueue, ...subject };
});

const TOKEN = 'a-token-of-the-test';

async function run({ client, newId }: TestEnvironment, taskQueue: string, path: string, topic: string) {
  const workflowId = newId();
  const input = { topic, dataset: { path }, forest: { trees: 3 } };
  const result: unknown = await client.workflow.execute(workflowType.ratingPipeline, {
    workflowId,
    taskQueue,
    args: [input],
  });
  return { ...(result as PipelineResult), workflowId };
}

test('a run with an object store predicts the same as one with directories', async ({
  environment,
  worker: _worker,
  s3,
}) => {
  const { config, newTopic } = environment;
  const here = await run(environment, config.taskQueue, 'movies.csv', newTopic());
  const there = await run(environment, s3.taskQueue, 'nightly/movies.csv', newTopic());

  expect(there.predictionsSha256).toBe(here.predictionsSha256);
  expect(there.model.version).toBe(here.model.version);
  const uris = await s3.files.uris();
  expect(uris).toContain(there.model.artifact.uri);
  expect(uris).toContain(there.page.uri);
});

test('a dataset that is not in the bucket is the same error as a missing file', async ({
  environment,
  s3,
}) => {
  const failures = [];
  for (const path of ['nothing-{yyyy}.csv', '../artifacts/runs.csv', '/etc/passwd'])
    failures.push(
      await run(environment, s3.taskQueue, path, environment.newTopic()).catch(
        (error: unknown) => (error as { cause: { cause: { type: string; message: string } } }).cause.cause,
      ),
    );

  expect(failures).toMatchObject([
    {
      type: 'DatasetError',
      message: expect.stringMatching(/^no such file \[nothing-\d{4}\.csv\]/) as string,
    },
    { type: 'InvalidInput', message: expect.stringContaining('leads out of the data directory') as string },
    { type: 'InvalidInput', message: expect.stringContaining('leads out of the data directory') as string },
  ]);
});

test('reports are served from the bucket to those who have the token, and found by id', async ({
  environment,
  s3,
}) => {
  const port = String(await getPort());
  const env = { ...s3.env, REPORT_PORT: port, REPORT_HOST: '0.0.0.0', REPORT_TOKEN: TOKEN };
  const server = await serveReports(loadConfig(env), createLogger({ level: 'error' }));
  onTestFinished(() => server?.close());
  const { page, workflowId } = await run(
    environment,
    s3.taskQueue,
    'nightly/movies.csv',
    environment.newTopic(),
  );
  const url = reportUrl(`http://127.0.0.1:${port}`, page.uri);

  expect(server?.url).toBe(`http://127.0.0.1:${port}`);
  expect((await fetch(url)).status).toBe(401);
  const response = await fetch(url, { headers: { authorization: `Bearer ${TOKEN}` } });
  const html = await response.text();
  expect(new TextEncoder().encode(html)).toHaveLength(page.bytes);
  const index = await fetch(server?.url ?? '', { headers: { authorization: `Bearer ${TOKEN}` } });
  expect(await index.text()).toContain(new URL(url).pathname);
  const shown = await imdb(['report', workflowId, '--json'], env);
  const { file } = jsonOf(shown) as { readonly file: string };
  expect(jsonOf(shown)).toEqual({ workflowId, file, url });
  expect(await readFile(file, 'utf8')).toBe(html);
  const model = await imdb(['model', 'show', workflowId], env);
  expect(model.stdout).toContain('budget');
});

test('a run waits for a store that is away, names it, and continues when it is back', async ({
  environment,
  s3,
}) => {
  const { client, newId, newTopic } = environment;
  const taskQueue = newId();
  const port = await getPort();
  const env = { ...s3.env, AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${port}`, TASK_QUEUE: taskQueue };
  const worker = await startWorker(loadConfig(env), createLogger({ level: 'error' }));
  onTestFinished(() => worker.shutdown());
  const handle = await client.workflow.start(workflowType.ratingPipeline, {
    workflowId: newId(),
    taskQueue,
    args: [{ topic: newTopic(), dataset: { path: 'nightly/movies.csv' }, forest: { trees: 3 } }],
  });
  const failure = await pollUntil('an attempt that fails', async () => {
    const { raw } = await handle.describe();
    return raw.pendingActivities?.find(({ lastFailure }) => lastFailure)?.lastFailure ?? undefined;
  });
  expect(failure.applicationFailureInfo).toMatchObject({ type: 'ArtifactStoreError', nonRetryable: false });
  expect(failure.message).toContain(`check AWS_ENDPOINT_URL_S3 (http://127.0.0.1:${port})`);

  const { port: there } = new URL(s3.env.AWS_ENDPOINT_URL_S3);
  const proxy = createServer((socket) => {
    const target = connect(Number(there), '127.0.0.1');
    for (const end of [socket, target]) end.on('error', () => undefined);
    socket.pipe(target).pipe(socket);
  }).listen(port, '127.0.0.1');
  onTestFinished(() => void proxy.close());
  expect(await handle.result()).toMatchObject({ deadLettered: 0 });
});

test('an upload that fails in the middle leaves no object', async ({ s3 }) => {
  const source = Readable.from(
    (async function* () {
      yield Buffer.alloc(20_000_000);
      throw new Error('the disk is broken');
    })(),
  );
  const put = s3.bucket.put('cannot write', 'half', source, { sha256: '', ifAbsent: true });

  await expect(put).rejects.toThrow('the disk is broken');
  expect((await s3.files.uris()).filter((uri) => uri === 'half')).toEqual([]);
});

test('more objects than one request takes are discarded', async ({ s3 }) => {
  const names = Array.from(
    { length: 1_005 },
    (_, i) => `runs/many/batch-${String(i).padStart(6, '0')}-rows-x`,
  );
  const body = new Uint8Array([1]);
  for (let from = 0; from < names.length; from += 50)
    await Promise.all(
      names
        .slice(from, from + 50)
        .map((name) => s3.bucket.put('cannot write', name, body, { sha256: '', ifAbsent: true })),
    );

  await s3.store.discardBatches('many', 1_004);

  expect((await s3.files.uris()).filter((uri) => uri.startsWith('runs/many/'))).toEqual([names.at(-1)]);
});

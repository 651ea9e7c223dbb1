import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { test } from '../../support/environment.ts';
import { pollUntil } from '../../support/poll-until.ts';
import { newS3 } from '../../support/s3/s3.ts';
import { startMeasuredWorker } from '../../support/worker/measured-worker.ts';

test('a worker without its directories is not ready, until they are there', async ({
  environment: { env, newId },
}) => {
  const dir = await mkdtemp(join(tmpdir(), 'imdb-needs-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  const file = join(dir, 'file');
  await writeFile(file, '');
  const places = { ARTIFACT_STORE: join(file, 'artifacts'), DATA_DIR: join(file, 'data') };
  const { get, lines } = await startMeasuredWorker({ ...env, ...places, TASK_QUEUE: newId() });

  const { text } = await pollUntil('the worker to say what it lacks', async () => {
    const answer = await get('/ready');
    return answer?.text.includes('ENOTDIR') === true && answer;
  });
  expect(text).toContain(`cannot write and read the artifact store [${places.ARTIFACT_STORE}]`);
  expect(text).toContain(`cannot read the data directory [${places.DATA_DIR}]`);
  expect(text.trim().split('\n')).toHaveLength(2);
  expect((await get('/health'))?.status).toBe(200);
  const logged = lines().filter(({ msg }) => String(msg).startsWith('the worker lacks what its roles need:'));
  expect(logged).toHaveLength(2);

  await rm(file);
  await mkdir(places.DATA_DIR, { recursive: true });
  await pollUntil('the worker to be ready', async () => (await get('/ready'))?.status === 200);
});

test('a worker whose bucket is missing names the bucket and the setting', async ({
  environment: { env, newId },
}) => {
  const s3 = { ...(await newS3()).env, ARTIFACT_STORE: 's3://no-such-bucket/artifacts' };
  const { get } = await startMeasuredWorker({ ...env, ...s3, TASK_QUEUE: newId() });

  const { status, text } = await pollUntil('the worker to say what it lacks', async () => {
    const answer = await get('/ready');
    return answer?.text.includes('no-such-bucket') === true && answer;
  });
  expect(status).toBe(503);
  expect(text).toContain('cannot write and read the artifact store [s3://no-such-bucket/artifacts/');
  expect(text).toContain('NoSuchBucket');
  expect(text).toContain('Create the bucket, or correct ARTIFACT_STORE');
  expect(text).not.toContain(s3.AWS_SECRET_ACCESS_KEY);
});

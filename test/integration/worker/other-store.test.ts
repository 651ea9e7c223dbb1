import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { createLogger } from '../../../src/adapters/logger.ts';
import { loadConfig } from '../../../src/config.ts';
import { test } from '../../support/explained-runs.ts';
import { pollUntil } from '../../support/poll-until.ts';
import { detailsOf, statesOf } from '../../support/trouble/trouble.ts';
import { startWorker } from '../../support/worker/start-worker.ts';

test('a worker with another store is named at once, and the run continues without it', async ({
  environment: { env, newId },
  startRun,
}) => {
  const taskQueue = newId();
  const store = await mkdtemp(join(tmpdir(), 'imdb-other-'));
  onTestFinished(() => rm(store, { recursive: true, force: true }));
  const start = async (settings: Readonly<Record<string, string>>) => {
    const config = loadConfig({ ...env, TASK_QUEUE: taskQueue, ...settings });
    const worker = await startWorker(config, createLogger({ level: 'error' }));
    onTestFinished(() => worker.shutdown());
  };
  await start({ WORKER_ROLES: 'workflows,data,scoring' });
  await start({ WORKER_ROLES: 'training', ARTIFACT_STORE: store });
  const run = await startRun({ dataset: undefined }, taskQueue);

  const text = await pollUntil('the run to name the worker', async () => {
    const details = await detailsOf(run).catch(() => '');
    return details.includes('ArtifactStoreMismatch') && details;
  });
  expect(text).toContain(`worker ${process.pid}@`);
  expect(text).toContain(store);
  await start({ WORKER_ROLES: 'training' });
  await run.result();
  expect(await statesOf(run)).toEqual(['Running', 'NeedsAttention', 'Running', 'Completed']);
});

test('workers with different stores name each other without any work', async ({
  environment: { env, newId },
}) => {
  const taskQueue = newId();
  const store = await mkdtemp(join(tmpdir(), 'imdb-other-'));
  onTestFinished(() => rm(store, { recursive: true, force: true }));
  const start = async (name: string, settings: Readonly<Record<string, string>> = {}) => {
    const config = loadConfig({ ...env, TASK_QUEUE: taskQueue, ...settings });
    const file = join(store, `${name}.log`);
    let lacks: readonly string[] = [];
    const worker = await startWorker(config, createLogger({ level: 'error', file }), {
      onLacks: (found) => (lacks = found),
    });
    onTestFinished(() => worker.shutdown());
    return { worker, lacks: () => lacks, log: () => readFile(file, 'utf8') };
  };
  const first = await start('first');
  await pollUntil('the first worker to have everything', async () => first.lacks().length === 0);
  const same = await start('same', { WORKER_ROLES: 'scoring' });
  const other = await start('other', { ARTIFACT_STORE: join(store, 'artifacts') });

  const [text = ''] = await pollUntil('the other worker to name the first', async () => {
    const [found = ''] = other.lacks();
    return found.includes('does not see') && other.lacks();
  });
  const place = env['ARTIFACT_STORE'] ?? '';
  expect(text).toMatch(new RegExp(`of worker ${process.pid}@\\S+ \\[${store}/artifacts\\]`));
  expect(text).toContain(`(there ${place}`);
  await pollUntil('the first worker to name the other', async () =>
    (await first.log()).includes(`uses another artifact store: ${store}/artifacts, and this one ${place}`),
  );
  await pollUntil('the worker with the same store to have everything', async () => same.lacks().length === 0);
  expect(first.lacks()).toEqual([]);
  expect(await same.log()).not.toContain(`store: ${place}`);
});

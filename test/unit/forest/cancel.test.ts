import { once } from 'node:events';
import type { Worker } from 'node:worker_threads';
import { execa } from 'execa';
import { expect, onTestFinished } from 'vitest';
import type { TrainingSet } from '../../../src/activities/training/forest-engine.ts';
import { TrainingError } from '../../../src/domain/errors.ts';
import { createHistogramEngine } from '../../../src/forest/histogram-engine.ts';
import type { ThreadPool } from '../../../src/forest/threads/thread-pool.ts';
import { forestParams, growForest, growNaively, growTrees, sha256Of } from '../../support/unit/forest.ts';
import { openPool, test } from '../../support/unit/forest-pool.ts';
import { ratingSet } from '../../support/unit/forest-table.ts';
import { numbersBelow } from '../../support/unit/rating-table.ts';

const SMALL = ratingSet(50, ['few', 'continuous']);
/** Minutes of work. */
const ENDLESS: [TrainingSet, { trees: number }] = [
  ratingSet(
    3_000,
    numbersBelow(15).map(() => 'continuous'),
  ),
  { trees: 10_000 },
];
const LARGE_NODES: [TrainingSet, { trees: number }] = [
  ratingSet(9_000, ['continuous', 'tied']),
  { trees: 10_000 },
];

async function grow(
  pool: ThreadPool,
  [set, change]: typeof ENDLESS,
  signal: AbortSignal,
  onTrees?: (done: number) => void,
): Promise<Uint8Array> {
  const params = forestParams(change);
  const progress = onTrees ? { signal, onTrees } : { signal };
  return createHistogramEngine(pool).growTrees(set, params, { first: 0, count: params.trees }, progress);
}

/** The worker that the pool starts next. */
async function nextThread(): Promise<Worker> {
  const [worker] = (await once(process, 'worker')) as [Worker];
  return worker;
}

async function expectRecovered(pool: ThreadPool): Promise<void> {
  expect(await growTrees(pool, SMALL)).toEqual(growNaively(SMALL));
}

test('an abort before the start is a TrainingError, and the pool grows the next forest', async ({ pool }) => {
  await expect(grow(pool, ENDLESS, AbortSignal.abort())).rejects.toThrow(TrainingError);
  await expectRecovered(pool);
});

test.for<[what: string, work: typeof ENDLESS]>([
  ['exact nodes', ENDLESS],
  ['large nodes', LARGE_NODES],
])('aborting growth is a TrainingError, and the pool grows the next forest: %s', async (args, { pool }) => {
  const [, work] = args;
  const controller = new AbortController();
  const training = grow(pool, work, controller.signal, (done) => {
    if (done > 0) controller.abort();
  });

  await expect(training).rejects.toThrow(TrainingError);
  await expectRecovered(pool);
});

test('progress is reported as growing numbers of trees, none after the end', async ({ pool }) => {
  const controller = new AbortController();
  const reports: number[] = [];
  const training = grow(pool, ENDLESS, controller.signal, (done) => {
    reports.push(done);
    if (done > 0 && reports.length >= 2) controller.abort();
  });
  await expect(training).rejects.toThrow(TrainingError);
  const reported = [...reports];

  await expectRecovered(pool);
  expect(reports).toEqual(reported);
  expect(reports).toEqual([...reports].sort((a, b) => a - b));
  expect(reports.at(-1)).toBeLessThan(10_000);
});

test('a job that fails in its thread is a TrainingError, and the thread continues', async () => {
  const started = nextThread();
  const pool = openPool(1);
  const error: unknown = await pool
    .run(() => ({ kind: 'unknown' }) as never)
    .catch((reason: unknown) => reason);

  expect(error).toBeInstanceOf(TrainingError);
  expect((error as TrainingError).message).toContain('a forest job failed');
  expect((error as TrainingError).cause).toBeInstanceOf(Error);
  await expectRecovered(pool);
  // The id is -1 once a thread has ended.
  expect((await started).threadId).toBeGreaterThan(0);
});

test('jobs that cannot be sent to a thread fail without blocking later jobs', async () => {
  const pool = openPool(1);
  const notCloneable = { kind: 'grow', memory: () => undefined } as never;
  const refused = [
    pool.run(() => {
      throw new RangeError('no such slot');
    }),
    pool.run(() => notCloneable),
    pool.run(() => notCloneable),
  ];
  const grown = growTrees(pool, SMALL);

  for (const result of await Promise.allSettled(refused)) {
    expect(result.status === 'rejected' && result.reason).toBeInstanceOf(TrainingError);
  }
  expect(await grown).toEqual(growNaively(SMALL));
  await expectRecovered(pool);
});

test('a dead thread is a TrainingError and is replaced, and the others stop working', async () => {
  const workers: Worker[] = [];
  const addWorker = (worker: Worker): number => workers.push(worker);
  process.on('worker', addWorker);
  onTestFinished(() => void process.off('worker', addWorker));
  const pool = openPool(2);
  const training = grow(pool, ENDLESS, new AbortController().signal, (done) => {
    if (done > 0) void workers[0]?.terminate();
  });

  await expect(training).rejects.toThrow(/forest thread ended early/);
  const survivor = workers[1] as Worker;
  let before = survivor.performance.eventLoopUtilization();
  await expect
    .poll(() => {
      const { utilization } = survivor.performance.eventLoopUtilization(before);
      before = survivor.performance.eventLoopUtilization();
      return utilization;
    })
    .toBeLessThan(0.5);
  await expectRecovered(pool);
  expect(workers).toHaveLength(3);
});

test('closing a pool rejects running, waiting and later jobs', async () => {
  const pool = openPool(1);
  const { signal } = new AbortController();
  const trainings = [grow(pool, ENDLESS, signal), grow(pool, ENDLESS, signal), growTrees(pool, SMALL)];
  const settled = Promise.allSettled(trainings);
  await pool.close();

  for (const result of await settled) {
    expect(result.status === 'rejected' && result.reason).toBeInstanceOf(TrainingError);
  }
  await expect(growTrees(pool, SMALL)).rejects.toThrow('the worker is stopping');
});

test('a process that leaves its pool open ends when its work is done, and not before', async ({ pool }) => {
  const modules = [
    'src/forest/threads/thread-pool',
    'test/support/unit/forest',
    'test/support/unit/forest-table',
  ];
  const urls = modules.map((path) => new URL(`../../../${path}.ts`, import.meta.url).href);
  const script = `
    const [{ createThreadPool }, { growForest, sha256Of }, { ratingSet }] =
      await Promise.all(${JSON.stringify(urls)}.map((url) => import(url)));
    const { bytes } = await growForest(createThreadPool(2), ratingSet(50, ['few', 'continuous']));
    console.log(sha256Of(bytes));`;
  const args = ['--import', 'tsx', '--input-type=module', '--eval', script];
  const { stdout } = await execa(process.execPath, args);

  expect(stdout).toBe(sha256Of((await growForest(pool, SMALL)).bytes));
});

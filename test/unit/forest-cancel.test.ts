import { once } from 'node:events';
import type { Worker } from 'node:worker_threads';
import { execa } from 'execa';
import { expect, onTestFinished } from 'vitest';
import type { TrainingSet } from '../../src/activities/forest-engine.ts';
import { TrainingError } from '../../src/domain/errors.ts';
import { createHistogramEngine } from '../../src/forest/histogram-engine.ts';
import type { ThreadPool } from '../../src/forest/thread-pool.ts';
import { growNaively, growTrees, forestParams } from '../support/unit-forest.ts';
import { openPool, test } from '../support/unit-forest-pool.ts';
import { ratingSet } from '../support/unit-forest-table.ts';
import { numbersBelow } from '../support/unit-rating-table.ts';

const SMALL = ratingSet(50, ['few', 'continuous']);
/** Minutes of work. */
const ENDLESS: [TrainingSet, { trees: number }] = [
  ratingSet(
    3_000,
    numbersBelow(15).map(() => 'continuous'),
  ),
  { trees: 10_000 },
];
const LARGE_NODES: [TrainingSet, { trees: number }] = [ratingSet(9_000, ['continuous', 'tied']), { trees: 10_000 }];

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
])('an abort while trees grow is a TrainingError, and the pool grows the next forest: %s', async (args, { pool }) => {
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

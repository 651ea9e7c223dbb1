import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, inject } from 'vitest';
import type { RoundPlan } from '../../faults/faults/fault.ts';
import { runRounds } from '../../faults/suite.ts';
import { test as base } from '../../support/environment.ts';
import { expectSound, planRound } from '../../support/fault-rounds.ts';

/** Some rounds of `npm run test:faults`, on the shared servers, at the same time, because they mostly wait. */
const PLANS: readonly RoundPlan[] = [
  planRound(1, 1, 'kill-after', { moment: 'after', activity: 'publishPredictions', part: '3' }),
  planRound(2, 12, 'kill-between', { moment: 'between', activity: 'publishSplit', part: 'stream' }),
  planRound(3, 12, 'zombie', { moment: 'between', activity: 'publishPredictions', part: '5' }),
  planRound(4, 12, 'kill-between', {
    moment: 'between transactions',
    activity: 'publishSplit',
    part: 'stream',
  }),
];

const test = base.extend('reports', { scope: 'file' }, async ({ environment }, { onCleanup }) => {
  const { client, kafka, env, newId } = environment;
  const stateDir = await mkdtemp(join(tmpdir(), 'imdb-faults-'));
  onCleanup(() => rm(stateDir, { recursive: true, force: true }));
  const bundleFile = inject('bundleFile');
  const shared = { client, kafka, env, name: newId(), stateDir, bundleFile, awaySeconds: 0 };
  return runRounds(shared, undefined, PLANS, () => undefined);
});

describe('every row is predicted once, as in a run without faults, when a worker', () => {
  test.for([
    ['is killed after it has published predictions and before it reports so', 0],
    ['is killed between sending a split and committing it', 1],
    ['is stopped between sending predictions and committing them until it is too late', 2],
    ['is killed between two transactions of a split', 3],
  ] as const)('%s', ([, index], { reports }) => {
    expectSound(reports[index], PLANS[index] as RoundPlan);
  });
});

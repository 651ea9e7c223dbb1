import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, inject } from 'vitest';
import type { RoundPlan } from '../../faults/faults/fault.ts';
import { runRounds } from '../../faults/suite.ts';
import { test as base } from '../../support/cluster/cluster-test.ts';
import { expectSound, planRound } from '../../support/fault-rounds.ts';

/** Three rounds of `npm run test:faults`, one after the other, because each disturbs the brokers. */
const PLANS: readonly RoundPlan[] = [
  planRound(1, 12, 'leader-moves', { moment: 'begin', activity: 'publishPredictions', part: '3' }),
  planRound(2, 12, 'rolling-restart', { moment: 'between', activity: 'publishSplit', part: 'stream' }),
  // 0.99: of the commit, which is the last request.
  planRound(3, 1, 'connection-cut', { moment: 'begin', activity: 'publishPredictions', part: '5' }, 0.99),
];

const test = base.extend(
  'reports',
  { scope: 'file' },
  async ({ environment, sharedCluster }, { onCleanup }) => {
    const { client, kafka, env, newId } = environment;
    const stateDir = await mkdtemp(join(tmpdir(), 'imdb-faults-'));
    onCleanup(() => rm(stateDir, { recursive: true, force: true }));
    const bundleFile = inject('bundleFile');
    const shared = { client, kafka, env, name: newId(), stateDir, bundleFile, awaySeconds: 0 };
    const exclusive = { ...shared, servers: { kafka: sharedCluster.cluster } };
    return runRounds(shared, exclusive, PLANS, () => undefined);
  },
);

describe('every row is predicted once, as in a run without faults, when', () => {
  test.for([
    ['leaders move while a worker waits for answers', 0],
    ['all brokers are restarted one by one during a publication', 1],
    ['a connection is cut after a commit was applied', 2],
  ] as const)('%s', ([, index], { reports }) => {
    expectSound(reports[index], PLANS[index] as RoundPlan);
  });
});

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, inject } from 'vitest';
import { describeFault, type Fault, type FaultKind, type RoundPlan } from '../../faults/faults/fault.ts';
import type { Moment } from '../../faults/faults/place.ts';
import { runRounds } from '../../faults/suite.ts';
import { test as base } from '../../support/environment.ts';

/** Three rounds of `npm run test:faults`, on the shared servers, at the same time, because they mostly wait. */
const PLANS: readonly RoundPlan[] = [
  plan(1, 1, 'kill-after', 'after', { activity: 'publishPredictions', part: '3' }),
  plan(2, 12, 'kill-between', 'between', { activity: 'publishSplit', part: 'stream' }),
  plan(3, 12, 'zombie', 'between', { activity: 'publishPredictions', part: '5' }),
];

function plan(
  round: number,
  partitions: RoundPlan['partitions'],
  kind: FaultKind,
  moment: Moment,
  call: Omit<Fault['place'], 'moment'>,
): RoundPlan {
  const faults = [{ kind, random: 0, place: { ...call, moment } }];
  return { round, job: 'pipeline', partitions, shards: undefined, faults };
}

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
  ] as const)('%s', ([, index], { reports }) => {
    const report = reports[index];
    expect(report?.failure).toBeUndefined();
    expect(report?.fired.map(({ fault }) => describeFault(fault))).toEqual(
      PLANS[index]?.faults.map(describeFault),
    );
    expect(report?.verdicts).toHaveLength(1);
    expect(report?.verdicts[0]).toMatchObject({
      rowsIn: 221,
      predicted: 221,
      deadLettered: 0,
      lost: [],
      duplicated: [],
      unexpected: [],
      isHashEqual: true,
    });
  });
});

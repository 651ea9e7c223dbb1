import { shuffle, type Engine } from 'random-js';
import { RUN_ACTIVITIES, STREAM_ACTIVITIES } from '../../../src/domain/run/steps.ts';
import { isKilling, type Fault, type FaultKind } from '../faults/fault.ts';
import type { ActivityName, Moment } from '../faults/place.ts';

/** A fault whose part and random number are not chosen yet. */
export type PooledFault = Pick<Fault, 'kind'> & { readonly activity: ActivityName; readonly moment: Moment };

/** The registry is not an artifact. */
const WITH_ARTIFACTS = RUN_ACTIVITIES.filter((activity) => activity !== 'proposeModel');

const MOMENTS: readonly Moment[] = ['before', 'between', 'after'];

/** Every activity, killed at every moment. */
function killsOf(activities: readonly ActivityName[]): PooledFault[] {
  return activities.flatMap((activity) => [
    { kind: 'kill-before', activity, moment: 'before' },
    { kind: 'kill-between', activity, moment: 'between' },
    { kind: 'kill-after', activity, moment: 'after' },
  ]);
}

/** A split is published in several transactions. */
const KILL_BETWEEN_TRANSACTIONS: PooledFault = {
  kind: 'kill-between',
  activity: 'publishSplit',
  moment: 'between transactions',
};

interface FaultRule {
  readonly kind: FaultKind;
  readonly count: number;
  readonly activities: readonly ActivityName[];
  readonly moments: readonly Moment[];
}

const PUBLISHING: readonly ActivityName[] = ['publishPredictions', 'publishSplit'];

/**
 * Where each other fault may be injected. A pool has at least `count` of every kind, and a round has one of them, so that 60
 * rounds have at least three of each kind, whatever the seed.
 */
const PIPELINE_RULES: readonly FaultRule[] = [
  { kind: 'zombie', count: 3, activities: PUBLISHING, moments: ['between', 'begin'] },
  { kind: 'zombie', count: 1, activities: ['publishSplit'], moments: ['between transactions'] },
  { kind: 'leader-moves', count: 3, activities: PUBLISHING, moments: ['begin'] },
  { kind: 'rolling-restart', count: 3, activities: PUBLISHING, moments: ['begin', 'between'] },
  { kind: 'coordinator-moves', count: 3, activities: PUBLISHING, moments: ['between'] },
  { kind: 'coordinator-moves', count: 1, activities: ['publishSplit'], moments: ['between transactions'] },
  { kind: 'replicas-missing', count: 3, activities: PUBLISHING, moments: ['begin'] },
  { kind: 'partition-added', count: 3, activities: PUBLISHING, moments: ['between'] },
  { kind: 'connection-cut', count: 3, activities: PUBLISHING, moments: ['begin'] },
  {
    kind: 'broker-kill',
    count: 3,
    activities: ['publishSplit', 'publishPredictions', 'consumeMicroBatch', 'consumeSplit'],
    moments: ['between', 'before'],
  },
  {
    kind: 'broker-away',
    count: 3,
    activities: ['publishPredictions', 'publishSplit', 'reconcileRun'],
    moments: ['before'],
  },
  { kind: 'temporal-kill', count: 3, activities: RUN_ACTIVITIES, moments: MOMENTS },
  { kind: 'artifacts-unwritable', count: 3, activities: WITH_ARTIFACTS, moments: ['before'] },
  {
    kind: 'artifact-corrupt',
    count: 3,
    activities: ['predictMicroBatch', 'publishPredictions', 'evaluateModel', 'publishSplit', 'writeReport'],
    moments: ['before'],
  },
  { kind: 'two-workers', count: 3, activities: RUN_ACTIVITIES, moments: MOMENTS },
  { kind: 'same-id-twice', count: 3, activities: RUN_ACTIVITIES, moments: MOMENTS },
];

const STREAM_RULES: readonly FaultRule[] = [
  { kind: 'zombie', count: 2, activities: ['publishPredictions'], moments: ['between', 'begin'] },
  {
    kind: 'terminate',
    count: 4,
    activities: ['consumeMicroBatch', 'predictMicroBatch', 'publishPredictions', 'commitProgress'],
    moments: MOMENTS,
  },
];

/** What rounds are made of. */
export interface FaultPool {
  /** Every kill, and workers that are killed beside another. */
  readonly kills: readonly PooledFault[];
  /** A choice of the other faults, of which a round has one. */
  readonly others: readonly PooledFault[];
}

export function createFaultPool(
  engine: Engine,
  job: 'pipeline' | 'stream',
  kinds: readonly FaultKind[],
): FaultPool {
  const isPipeline = job === 'pipeline';
  const others = (isPipeline ? PIPELINE_RULES : STREAM_RULES).flatMap(
    ({ kind, count, activities, moments }) => {
      const places = shuffle(
        engine,
        activities.flatMap((activity) => moments.map((moment): PooledFault => ({ kind, activity, moment }))),
      );
      return Array.from({ length: count }, (_, i) => places[i % places.length] as PooledFault);
    },
  );
  const kills = isPipeline
    ? [...killsOf(RUN_ACTIVITIES), KILL_BETWEEN_TRANSACTIONS]
    : killsOf(STREAM_ACTIVITIES);
  const all = [...kills, ...others].filter(({ kind }) => kinds.includes(kind));
  return { kills: all.filter(isKilling), others: all.filter((fault) => !isKilling(fault)) };
}

import { shuffle, type Engine } from 'random-js';
import { RUN_ACTIVITIES, STREAM_ACTIVITIES } from '../../../src/domain/run/steps.ts';
import type { Fault, FaultKind } from '../faults/fault.ts';
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

interface FaultRule {
  readonly kind: FaultKind;
  readonly count: number;
  readonly activities: readonly ActivityName[];
  readonly moments: readonly Moment[];
}

/**
 * Where each other fault may be injected. A pool has `count` of every kind, so that 50 rounds have at least three of
 * it, whatever the seed.
 */
const PIPELINE_RULES: readonly FaultRule[] = [
  {
    kind: 'zombie',
    count: 4,
    activities: ['publishPredictions', 'publishSplit'],
    moments: ['between', 'begin'],
  },
  {
    kind: 'broker-kill',
    count: 4,
    activities: ['publishSplit', 'publishPredictions', 'consumeMicroBatch', 'consumeSplit'],
    moments: ['between', 'before'],
  },
  {
    kind: 'broker-away',
    count: 4,
    activities: ['publishPredictions', 'publishSplit', 'reconcileRun'],
    moments: ['before'],
  },
  { kind: 'temporal-kill', count: 4, activities: RUN_ACTIVITIES, moments: MOMENTS },
  { kind: 'artifacts-unwritable', count: 4, activities: WITH_ARTIFACTS, moments: ['before'] },
  {
    kind: 'artifact-corrupt',
    count: 4,
    activities: ['predictMicroBatch', 'publishPredictions', 'evaluateModel', 'publishSplit', 'writeReport'],
    moments: ['before'],
  },
  { kind: 'two-workers', count: 4, activities: RUN_ACTIVITIES, moments: MOMENTS },
  { kind: 'same-id-twice', count: 4, activities: RUN_ACTIVITIES, moments: MOMENTS },
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

/** Every kill, and a random choice of the other faults. */
export function createFaultPool(
  engine: Engine,
  job: 'pipeline' | 'stream',
  kinds: readonly FaultKind[],
): PooledFault[] {
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
  const kills = killsOf(isPipeline ? RUN_ACTIVITIES : STREAM_ACTIVITIES);
  return [...kills, ...others].filter(({ kind }) => kinds.includes(kind));
}

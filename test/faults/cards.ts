import { shuffle, type Engine } from 'random-js';
import { RUN_ACTIVITIES, STREAM_ACTIVITIES } from '../../src/domain/run/steps.ts';
import type { Fault, FaultKind } from './fault.ts';
import type { ActivityName, Moment } from './place.ts';

/** A fault whose part and dice are still open. */
export type Card = Pick<Fault, 'kind'> & { readonly activity: ActivityName; readonly moment: Moment };

const ACTIVITIES: readonly ActivityName[] = RUN_ACTIVITIES;

/** The registry is not among the artifacts. */
const WITH_ARTIFACTS = ACTIVITIES.filter((activity) => activity !== 'proposeModel');

const MOMENTS: readonly Moment[] = ['before', 'between', 'after'];

/** Every activity, killed at every moment. */
function killsOf(activities: readonly ActivityName[]): Card[] {
  return activities.flatMap((activity) => [
    { kind: 'kill-before', activity, moment: 'before' },
    { kind: 'kill-between', activity, moment: 'between' },
    { kind: 'kill-after', activity, moment: 'after' },
  ]);
}

interface Meetings {
  readonly kind: FaultKind;
  readonly count: number;
  readonly activities: readonly ActivityName[];
  readonly moments: readonly Moment[];
}

/**
 * The calls that each other fault may meet. In a deck, every kind has as many cards as `count`, so that 50 rounds
 * meet it three times or more whatever the seed.
 */
const PIPELINE_OTHERS: readonly Meetings[] = [
  {
    kind: 'zombie',
    count: 6,
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
    count: 3,
    activities: ['publishPredictions', 'publishSplit', 'reconcileRun'],
    moments: ['before'],
  },
  { kind: 'temporal-kill', count: 4, activities: ACTIVITIES, moments: MOMENTS },
  { kind: 'artifacts-unwritable', count: 4, activities: WITH_ARTIFACTS, moments: ['before'] },
  {
    kind: 'artifact-corrupt',
    count: 4,
    activities: ['predictMicroBatch', 'publishPredictions', 'evaluateModel', 'publishSplit', 'writeReport'],
    moments: ['before'],
  },
  { kind: 'two-workers', count: 5, activities: ACTIVITIES, moments: MOMENTS },
  { kind: 'same-id-twice', count: 4, activities: ACTIVITIES, moments: MOMENTS },
];

const STREAM_OTHERS: readonly Meetings[] = [
  { kind: 'zombie', count: 2, activities: ['publishPredictions'], moments: ['between', 'begin'] },
  {
    kind: 'terminate',
    count: 4,
    activities: ['consumeMicroBatch', 'predictMicroBatch', 'publishPredictions', 'commitProgress'],
    moments: MOMENTS,
  },
];

/** A deck in order. The other faults meet other calls in every deck. */
export function createCards(engine: Engine, job: 'pipeline' | 'stream', kinds: readonly FaultKind[]): Card[] {
  const isPipeline = job === 'pipeline';
  const others = (isPipeline ? PIPELINE_OTHERS : STREAM_OTHERS).flatMap(
    ({ kind, count, activities, moments }) => {
      const meetings = shuffle(
        engine,
        activities.flatMap((activity) => moments.map((moment): Card => ({ kind, activity, moment }))),
      );
      return Array.from({ length: count }, (_, i) => meetings[i % meetings.length] as Card);
    },
  );
  const kills = killsOf(isPipeline ? ACTIVITIES : STREAM_ACTIVITIES);
  return [...kills, ...others].filter(({ kind }) => kinds.includes(kind));
}

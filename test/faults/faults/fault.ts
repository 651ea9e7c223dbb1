import { describePlace, type Place } from './place.ts';
import type { Injection, InjectionAction } from './injection.ts';

/** Every kind of fault, and what the worker that injects it does. */
const ACTIONS = {
  'kill-before': 'kill',
  'kill-between': 'kill',
  'kill-after': 'kill',
  zombie: 'stop',
  'broker-kill': 'hold',
  'broker-away': 'hold',
  'temporal-kill': 'hold',
  'artifacts-unwritable': 'hold',
  'artifact-corrupt': 'hold',
  'two-workers': 'kill',
  'same-id-twice': 'hold',
  terminate: 'hold',
  'leader-moves': 'hold',
  'rolling-restart': 'hold',
  'coordinator-moves': 'hold',
  'replicas-missing': 'hold',
  'partition-added': 'hold',
  'connection-cut': 'hold',
} as const satisfies Record<string, InjectionAction>;

export type FaultKind = keyof typeof ACTIONS;
export const FAULT_KINDS = Object.keys(ACTIONS) as FaultKind[];

/** These disturb a server for all workers: such a round has servers of its own. */
const SERVER_FAULTS: readonly FaultKind[] = [
  'broker-kill',
  'broker-away',
  'temporal-kill',
  'leader-moves',
  'rolling-restart',
  'coordinator-moves',
  'replicas-missing',
  'partition-added',
  'connection-cut',
];

export interface Fault {
  readonly kind: FaultKind;
  readonly place: Place;
  /** In [0, 1): a random number for the fault, such as which byte is flipped. */
  readonly random: number;
}

export interface RoundPlan {
  readonly round: number;
  /** A run of the whole pipeline, or a stream over records of another producer, written before or during the stream. */
  readonly job: 'pipeline' | 'available-now' | 'continuous';
  readonly partitions: 1 | 12;
  /** Of the forest; undefined for one activity. */
  readonly shards: 2 | undefined;
  readonly faults: readonly Fault[];
}

export function isKilling({ kind }: Pick<Fault, 'kind'>): boolean {
  return ACTIONS[kind] === 'kill';
}

export function needsServers({ faults }: RoundPlan): boolean {
  return faults.some(({ kind }) => SERVER_FAULTS.includes(kind));
}

export function injectionOf({ kind, place }: Fault, index: number): Injection {
  return { name: `${index}-${kind}`, place, action: ACTIONS[kind] };
}

export function describeFault({ kind, place }: Fault): string {
  return `${kind} [${describePlace(place)}]`;
}

export function describePlan({ job, partitions, shards, faults }: RoundPlan): string {
  const training = shards === undefined ? '' : `, ${shards} shards`;
  return `${faults.map(describeFault).join(' + ')} (${job}, ${partitions === 1 ? '1 partition' : `${partitions} partitions`}${training})`;
}

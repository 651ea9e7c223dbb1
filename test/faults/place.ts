import type { Activities, TrainingActivities } from '../../src/activities/index.ts';

export type ActivityName = keyof Activities | keyof TrainingActivities;

/**
 * `begin`: just before a publication's transaction. `between`: after its first send and before its commit, at the
 * first records of a read, at an answer of the registry, or between computing and writing an artifact. `after`: done, and not yet reported.
 */
export type Moment = 'before' | 'begin' | 'between' | 'after';

/** Where a fault strikes: at the first attempt that gets there. */
export interface Place {
  readonly activity: ActivityName;
  /** Split, micro-batch, or first tree of the shard; without it the first call counts. */
  readonly part?: string;
  /** Of a stream, whose batches a new start counts on: the first one with this number or a higher one. */
  readonly fromBatch?: number;
  readonly moment: Moment;
}

/** An attempt of an activity, as its worker sees it. */
export interface Visit {
  readonly activity: string;
  readonly part: string;
  readonly workflowId: string;
  readonly attempt: number;
}

export function describePlace({ activity, part, fromBatch, moment }: Place): string {
  const batch = fromBatch === undefined ? '' : `(${fromBatch}…)`;
  return `${moment} ${activity}${part === undefined ? batch : `(${part})`}`;
}

/** What tells two calls of one activity apart, from its input. */
export function partOf(input: unknown): string {
  const { split, batch, trees } = (input ?? {}) as {
    readonly split?: unknown;
    readonly batch?: number;
    readonly trees?: { readonly first: number };
  };
  if (typeof split === 'string') return split;
  return String(batch ?? trees?.first ?? '');
}

export function isAt({ activity, part, fromBatch }: Place, visit: Visit): boolean {
  if (visit.activity !== activity || (part !== undefined && visit.part !== part)) return false;
  return fromBatch === undefined || Number(visit.part) >= fromBatch;
}

export function isSameCall(a: Visit, b: Visit): boolean {
  return a.activity === b.activity && a.part === b.part && a.workflowId === b.workflowId;
}

import type { Activities } from '../../../src/activities/index.ts';

export type ActivityName = keyof Activities;

/**
 * `begin`: just before a publication's transaction. `between`: after its first send and before its commit, at the
 * first records of a read, at a response of the registry, or between computing and writing an artifact.
 * `between transactions`: after one of several in which a split is published. `after`: the work is done, and not yet
 * reported.
 */
export type Moment = 'before' | 'begin' | 'between' | 'between transactions' | 'after';

/** Where a fault is injected: at the first attempt that reaches it. */
export interface Place {
  readonly activity: ActivityName;
  /** Split, micro-batch, or first tree of the shard; absent: the first call. */
  readonly part?: string;
  /** Of a stream, where a new start continues the count: the first batch with this number or a higher one. */
  readonly fromBatch?: number;
  readonly moment: Moment;
}

/** An attempt of an activity, as its worker sees it. */
export interface Attempt {
  readonly activity: string;
  readonly part: string;
  readonly workflowId: string;
  readonly attempt: number;
}

export function describePlace({ activity, part, fromBatch, moment }: Place): string {
  const batch = fromBatch === undefined ? '' : `(${fromBatch}…)`;
  return `${moment} ${activity}${part === undefined ? batch : `(${part})`}`;
}

/** What distinguishes two calls of one activity, from its input. */
export function partOf(input: unknown): string {
  const { split, batch, trees } = (input ?? {}) as {
    readonly split?: unknown;
    readonly batch?: number;
    readonly trees?: { readonly first: number };
  };
  if (typeof split === 'string') return split;
  return String(batch ?? trees?.first ?? '');
}

export function isAt({ activity, part, fromBatch }: Place, attempt: Attempt): boolean {
  if (attempt.activity !== activity || (part !== undefined && attempt.part !== part)) return false;
  return fromBatch === undefined || Number(attempt.part) >= fromBatch;
}

export function isSameCall(a: Attempt, b: Attempt): boolean {
  return a.activity === b.activity && a.part === b.part && a.workflowId === b.workflowId;
}

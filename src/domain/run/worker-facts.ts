import { clockText, groupDigits } from '../text.ts';

/** What a worker says about itself and its namespace. */
export interface WorkerFacts {
  /** Of this package. */
  readonly version: string;
  /** The git commit it was built from; null when unknown. */
  readonly commit: string | null;
  /** Whether the namespace knows this project's search attributes: setting an unknown one would block the workflow. */
  readonly hasSearchAttributes: boolean;
  /** Whether NOTIFY_WEBHOOK is set. */
  readonly notifies: boolean;
  /** Whether MLFLOW_TRACKING_URI is set; absent when not. */
  readonly mlflow?: true;
  /** Absent when the worker sends no traces. */
  readonly traces?: true;
  /** Where the reports are served, without a slash at the end; null when they are not. */
  readonly reportUrl: string | null;
  /** Its artifact store; null: not known, so no worker is refused. */
  readonly store: { readonly id: string; readonly place: string } | null;
  /** Of the Temporal UI, up to the namespace. */
  readonly uiUrl: string;
}

/** Whether a worker has begun the work, will when it has ended other work, or none is there. */
export type WorkerTurn = 'begun' | 'waiting' | 'missing';

/** What a worker says about a run's turn. */
export interface Places {
  /** Earlier runs that are unfinished. */
  readonly earlier: number;
  /** Runs that the workers take at once. */
  readonly places: number;
}

const FIRST_LOOK_MS = 1_000;
/** A run far behind looks rarely, so that its history stays small. */
const MAX_LOOK_MS = 30_000;

/** Runs that end before this one begins; 0: it has a place. */
export function runsToWaitFor({ earlier, places }: Places): number {
  return Math.max(0, earlier + 1 - places);
}

/** When to look again: later, the more runs have to end. */
export function nextLookMs(toWaitFor: number): number {
  return Math.min(FIRST_LOOK_MS * toWaitFor, MAX_LOOK_MS);
}

/** `waits for a free place: 15 runs before this one, of which the workers take 8 at once` */
export function describeWait({ earlier, places }: Places): string {
  const runs = earlier === 1 ? '1 run' : `${groupDigits(earlier)} runs`;
  return `waits for a free place: ${runs} before this one, of which the workers take ${places} at once`;
}

/** @param asOf ISO 8601; nobody tells the run when its training begins */
export function describeTrainingWait(asOf: string): string {
  return `waits for a worker that is free, as of ${clockText(asOf)}: each trains one forest at a time`;
}

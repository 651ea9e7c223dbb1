import type { Recovery } from '../../domain/run/advice.ts';
import type { FailedBatchView } from '../../domain/run/progress.ts';
import type { Failure } from '../shared/failures.ts';
import type { FailingCode, MissingWorker, PendingActivity } from '../shared/pending.ts';

/** Why a workflow does not continue, or how it ended. `imdb explain --json` prints this; times are ISO 8601. */
export interface Diagnosis {
  readonly workflowId: string;
  readonly runId: string;
  readonly workflowType: string;
  /** `running`, `failed`, `timed out`, … */
  readonly status: string;
  readonly startedAt: string;
  readonly closedAt: string | null;
  readonly uiUrl: string;
  /** The worst first. */
  readonly findings: readonly Finding[];
  /** How an ended workflow can continue. */
  readonly remedies: readonly Remedy[];
}

export type Finding =
  | (MissingWorker & { readonly kind: 'no worker' })
  | (FailingCode & { readonly kind: 'stuck' })
  | (PendingActivity & { readonly kind: 'activity' })
  | AttentionFinding
  | PausedFinding
  | WaitingFinding
  | EndFinding;

export type ActivityFinding = Extract<Finding, { readonly kind: 'activity' }>;

/** Nothing moves until an operator decides. */
export interface AttentionFinding {
  readonly kind: 'needs attention';
  readonly workflowId: string;
  readonly question: string;
  readonly failedBatches: readonly FailedBatchView[];
  readonly commands: readonly string[];
}

export interface PausedFinding {
  readonly kind: 'paused';
  readonly workflowId: string;
  readonly commands: readonly string[];
}

/** A run that has not begun. */
export interface WaitingFinding {
  readonly kind: 'waiting';
  readonly workflowId: string;
  readonly reason: string;
}

/** How a workflow ended, and the activity or child whose failure ended it. */
export interface EndFinding {
  readonly kind: 'end';
  /** Where it happened: the workflow that was asked for, or a child of it. */
  readonly workflowId: string;
  /** Steps, children and the activity, from the top down. */
  readonly path: readonly string[];
  /** Attempts of the activity; 0 when no activity failed. */
  readonly attempts: number;
  readonly at: string;
  readonly failure: Failure;
  /** The failure that it caused further up, e.g. `MicroBatchesFailed`. */
  readonly outer: Failure | null;
}

/** One way to continue after an end: its command and cost; without a command, the reason. */
export interface Remedy {
  readonly name: Recovery;
  readonly command: string | null;
  readonly cost: string;
  /** The cheapest possible one of those that help against this failure type. */
  readonly isAdvised: boolean;
}

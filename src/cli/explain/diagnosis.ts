import type { FailedBatchView } from '../../domain/run/progress.ts';
import type { PipelineStep } from '../../domain/run/steps.ts';
import type { FailureDescription } from '../shared/failures.ts';
import type { Remedy } from './remedies.ts';

/** Why a workflow does not go on, or ended as it did. `imdb explain --json` prints this; times are ISO 8601. */
export interface Diagnosis {
  readonly workflowId: string;
  readonly runId: string;
  readonly workflowType: string;
  /** `running`, `failed`, `timed out`, … */
  readonly status: string;
  readonly startedAt: string;
  readonly closedAt: string | null;
  readonly uiUrl: string;
  /** What explains it, the worst first. */
  readonly findings: readonly Finding[];
  /** What sets an ended workflow going again. */
  readonly remedies: readonly Remedy[];
}

export type Finding =
  NoWorkerFinding | StuckFinding | AttentionFinding | PausedFinding | ActivityFinding | EndFinding;

export type Failure = Omit<FailureDescription, 'step'>;

/** Nobody takes the tasks of a queue. */
export interface NoWorkerFinding {
  readonly kind: 'no worker';
  readonly workflowId: string;
  readonly taskQueue: string;
  /** Since when something waits there. */
  readonly since: string;
  /** When a worker was last seen; null when none was in the last minutes. */
  readonly lastPollAt: string | null;
}

/** The workflow's own code fails, which no retry of an activity explains. */
export interface StuckFinding {
  readonly kind: 'stuck';
  readonly workflowId: string;
  readonly since: string;
  readonly failure: Failure;
}

/** Nothing moves until a person decides. */
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

export interface ActivityFinding {
  readonly kind: 'activity';
  readonly workflowId: string;
  readonly step: PipelineStep | null;
  readonly activity: string;
  readonly state: 'running' | 'waits for its next attempt' | 'waits for a worker' | 'paused';
  readonly attempt: number;
  readonly since: string;
  readonly nextAttemptAt: string | null;
  /** When it is not tried any more. */
  readonly givenUpAt: string | null;
  readonly failure: Failure | null;
}

/** How a workflow ended, and the work below it that ended it. */
export interface EndFinding {
  readonly kind: 'end';
  /** Where it happened: the workflow that was asked for, or a child of it. */
  readonly workflowId: string;
  /** Steps, children and the activity on the way down. */
  readonly way: readonly string[];
  /** Attempts of the activity; 0 when no activity failed. */
  readonly attempts: number;
  readonly at: string;
  readonly failure: Failure;
  /** What was made of it further up, e.g. `MicroBatchesFailed`. */
  readonly outer: Failure | null;
}

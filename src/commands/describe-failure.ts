import {
  ActivityFailure,
  ApplicationFailure,
  CancelledFailure,
  ChildWorkflowFailure,
  TerminatedFailure,
  TimeoutFailure,
} from '@temporalio/common';
import { WorkflowFailedError } from '@temporalio/client';
import { RunFailed } from './exit.ts';

interface FailureDescription {
  /** The way down to what failed, e.g. `scoreStream › scoreMicroBatch › publishPredictions`. */
  readonly step: string;
  readonly type: string;
  readonly message: string;
}

/** What a failed run has to say, from Temporal's chain of failures. */
export function describeFailure(error: unknown): FailureDescription {
  const way: string[] = [];
  let current = error instanceof WorkflowFailedError ? error.cause : error;
  while (current instanceof ActivityFailure || current instanceof ChildWorkflowFailure) {
    way.push(current instanceof ActivityFailure ? current.activityType : current.workflowType);
    if (!current.cause) break;
    current = current.cause;
  }
  return { step: way.join(' › ') || 'the workflow itself', ...typeAndMessage(current) };
}

/** A failed run in one line: step, type, message, link. */
export function runFailed(workflowId: string, url: string, error: unknown): RunFailed {
  const { step, type, message } = describeFailure(error);
  return new RunFailed(`${workflowId} failed in ${step}: ${type}: ${message} – ${url}`, { cause: error });
}

function typeAndMessage(failure: unknown): Omit<FailureDescription, 'step'> {
  if (failure instanceof ApplicationFailure)
    return { type: failure.type ?? 'Error', message: failure.message };
  if (failure instanceof TimeoutFailure) return { type: 'Timeout', message: failure.message };
  if (failure instanceof CancelledFailure) return { type: 'Cancelled', message: 'it was cancelled' };
  if (failure instanceof TerminatedFailure) return { type: 'Terminated', message: failure.message };
  return { type: 'Error', message: failure instanceof Error ? failure.message : String(failure) };
}

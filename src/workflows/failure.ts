import {
  ActivityFailure,
  ApplicationFailure,
  CancelledFailure,
  ChildWorkflowFailure,
  TerminatedFailure,
  TimeoutFailure,
} from '@temporalio/common';
import { boundFailure } from '../domain/bounded-failure.ts';
import { timeoutText } from '../domain/run/trouble.ts';

/**
 * Runs domain code that may throw. A plain Error in workflow code does not fail the run but blocks it, so this throws a
 * non-retryable failure of the same type instead.
 */
export function orFail<T>(code: () => T): T {
  try {
    return code();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw boundFailure<ApplicationFailure>(error, ({ stack, ...level }, cause) =>
      Object.assign(ApplicationFailure.create({ ...level, nonRetryable: true, ...(cause && { cause }) }), {
        stack,
      }),
    );
  }
}

/** `DatasetError: column … is missing`, from the innermost failure that an activity or a child reported. */
export function rootCause(error: unknown): string {
  let current = error;
  while ((current instanceof ActivityFailure || current instanceof ChildWorkflowFailure) && current.cause) {
    current = current.cause;
  }
  if (current instanceof ApplicationFailure) return `${current.type ?? 'Error'}: ${current.message}`;
  if (current instanceof CancelledFailure) return 'Cancelled: an operator cancelled it';
  if (current instanceof TerminatedFailure) return 'Terminated: an operator terminated it';
  if (current instanceof TimeoutFailure) {
    return `Timeout: ${timeoutText(current.message, current.failure?.cause)}`;
  }
  return current instanceof Error ? current.message : String(current);
}

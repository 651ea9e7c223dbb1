import {
  ActivityFailure,
  ApplicationFailure,
  CancelledFailure,
  ChildWorkflowFailure,
  TerminatedFailure,
  TimeoutFailure,
} from '@temporalio/common';
import { CancellationScope, isCancellation } from '@temporalio/workflow';
import { boundFailure } from '../domain/bounded-failure.ts';
import type { CallTimes } from '../domain/run/call-times.ts';
import type { RunFailure } from '../domain/run/run-details.ts';
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
  const { type, message } = failureOf(error);
  return `${type}: ${message}`;
}

/** When the activity ran that failed with this; undefined when no worker said so. */
export function timesOf(error: unknown): CallTimes | undefined {
  const cause = error instanceof ActivityFailure ? error.cause : undefined;
  const last = cause instanceof ApplicationFailure ? cause.details?.at(-1) : undefined;
  return typeof last === 'object' && last !== null && 'to' in last ? (last as CallTimes) : undefined;
}

/** The innermost failure that an activity or a child reported, by the types of `domain/run/advice.ts`. */
export function failureOf(error: unknown): RunFailure {
  let current = error;
  while ((current instanceof ActivityFailure || current instanceof ChildWorkflowFailure) && current.cause) {
    current = current.cause;
  }
  if (current instanceof ApplicationFailure) {
    const [facts] = (current.details ?? []) as readonly ({ readonly where?: string } | undefined)[];
    return { type: current.type ?? 'Error', message: current.message, where: facts?.where };
  }
  if (current instanceof CancelledFailure) return { type: 'Cancelled', message: 'an operator cancelled it' };
  if (current instanceof TerminatedFailure)
    return { type: 'Terminated', message: 'an operator terminated it' };
  if (current instanceof TimeoutFailure) {
    return { type: 'Timeout', message: timeoutText(current.message, current.failure?.cause) };
  }
  return { type: 'Error', message: current instanceof Error ? current.message : String(current) };
}

/** An attempt that fails while the run is being cancelled is not repeated: the cancellation is what ended the run. */
export function asCancelled(error: unknown): unknown {
  if (isCancellation(error) || !CancellationScope.current().consideredCancelled) return error;
  return new CancelledFailure('the run was cancelled', [], error instanceof Error ? error : undefined);
}

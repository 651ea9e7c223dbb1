import type { FailedBatch } from '../domain/stream/batch.ts';
import { ActivityFailure, ApplicationFailure, ChildWorkflowFailure } from '@temporalio/common';

/**
 * Runs domain code that may throw. A plain Error in workflow code does not fail the run but blocks it, so this throws a
 * non-retryable failure of the same type instead.
 */
export function orFail<T>(code: () => T): T {
  try {
    return code();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const details = 'facts' in error ? [error.facts] : [];
    throw ApplicationFailure.create({
      message: error.message,
      type: error.name,
      nonRetryable: true,
      details,
      cause: error,
    });
  }
}

/** `DatasetError: column … is missing`, from the innermost failure that an activity or a child reported. */
export function rootCause(error: unknown): string {
  let current = error;
  while ((current instanceof ActivityFailure || current instanceof ChildWorkflowFailure) && current.cause) {
    current = current.cause;
  }
  if (current instanceof ApplicationFailure) return `${current.type ?? 'Error'}: ${current.message}`;
  return current instanceof Error ? current.message : String(current);
}

/** Enough to see the pattern; a payload stays small. */
const LISTED_FAILURES = 10;

export function batchesFailed(failed: readonly FailedBatch[], planned: number): ApplicationFailure {
  const sorted = [...failed].sort((a, b) => a.batch - b.batch);
  const listed = sorted.slice(0, LISTED_FAILURES).map(({ batch, reason }) => `batch ${batch}: ${reason}`);
  const more = sorted.length > LISTED_FAILURES ? ` … and ${sorted.length - LISTED_FAILURES} more` : '';
  return ApplicationFailure.create({
    type: 'MicroBatchesFailed',
    message:
      `${failed.length} of ${planned} micro-batches failed, the others are done: ${listed.join('; ')}${more}. ` +
      'Fix the cause, then reset the run to its "score stream" step, or start a continuous stream again: ' +
      'finished batches are not written again',
    nonRetryable: true,
    details: [{ failed: sorted.slice(0, LISTED_FAILURES).map(({ batch, reason }) => ({ batch, reason })) }],
  });
}

import { ApplicationFailure } from '@temporalio/common';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import { AccessError, PipelineError } from '../../domain/errors.ts';

/** An operator has to do something first, and many failed logins may lock an account. */
const ACCESS_RETRY = '30 seconds';

/**
 * Adds the facts of an activity's error to its failure as `details`, which Temporal's own conversion drops.
 * Type, message, cause and stack stay the same; the retry policy decides whether to retry.
 */
export const failWithFacts: ActivityInterceptorsFactory = () => ({
  inbound: {
    async execute(input, next) {
      try {
        return await next(input);
      } catch (error) {
        throw error instanceof PipelineError ? toFailure(error) : error;
      }
    },
  },
});

function toFailure(error: PipelineError): ApplicationFailure {
  const { name, message, facts, cause, stack } = error;
  const failure = ApplicationFailure.create({
    message,
    type: name,
    details: [facts],
    ...(error instanceof AccessError && { nextRetryDelay: ACCESS_RETRY }),
    ...(cause instanceof Error && { cause }),
  });
  if (stack !== undefined) failure.stack = stack;
  return failure;
}

import { ApplicationFailure } from '@temporalio/common';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import { PipelineError } from '../../domain/errors.ts';

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

function toFailure({ name, message, facts, cause, stack }: PipelineError): ApplicationFailure {
  const failure = ApplicationFailure.create({
    message,
    type: name,
    details: [facts],
    ...(cause instanceof Error && { cause }),
  });
  if (stack !== undefined) failure.stack = stack;
  return failure;
}

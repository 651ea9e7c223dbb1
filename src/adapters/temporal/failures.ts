import { ApplicationFailure } from '@temporalio/common';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import { PipelineError } from '../../domain/errors.ts';

/**
 * Lets the errors of activities arrive with their facts as `details`, which Temporal's own conversion of a class
 * leaves behind. Type, message, cause and stack stay what they were; whether to retry is up to the retry policy.
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

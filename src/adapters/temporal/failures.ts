import { ApplicationFailure, TemporalFailure } from '@temporalio/common';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import { boundFailure } from '../../domain/bounded-failure.ts';
import { AccessError } from '../../domain/errors.ts';

/** An operator has to do something first, and many failed logins may lock an account. */
const ACCESS_RETRY = '30 seconds';

/**
 * Gives a failed activity its type, the facts of its error as `details`, which Temporal's own conversion drops, and a
 * size that Temporal stores whole. The retry policy decides whether to retry.
 */
export const failWithFacts: ActivityInterceptorsFactory = ({ cancellationSignal }) => ({
  inbound: {
    async execute(input, next) {
      try {
        return await next(input);
      } catch (error) {
        throw cancellationSignal.aborted ? error : toFailure(error);
      }
    },
  },
});

/** What an activity decides about its retries. */
const DECISIONS = ['nonRetryable', 'nextRetryDelay', 'category'] as const;

function toFailure(error: unknown): unknown {
  if (error instanceof TemporalFailure && !(error instanceof ApplicationFailure)) return error;
  const failure = boundFailure<ApplicationFailure>(error, ({ stack, ...level }, cause) =>
    Object.assign(ApplicationFailure.create({ ...level, ...(cause && { cause }) }), { stack }),
  );
  if (error instanceof AccessError) Object.assign(failure, { nextRetryDelay: ACCESS_RETRY });
  if (!(error instanceof ApplicationFailure)) return failure;
  for (const name of DECISIONS) Object.assign(failure, { [name]: Reflect.get(error, name) as unknown });
  return failure;
}

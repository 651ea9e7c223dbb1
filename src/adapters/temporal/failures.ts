import { ApplicationFailure, TemporalFailure } from '@temporalio/common';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import { boundFailure, type FailureLevel } from '../../domain/bounded-failure.ts';
import { AccessError, ArtifactStoreMismatch } from '../../domain/errors.ts';
import type { Redact } from '../../domain/redaction.ts';

/** An operator has to do something first, and many failed logins may lock an account. */
const ACCESS_RETRY = '30 seconds';

/**
 * Gives a failed activity its type, the facts of its error as `details`, which Temporal's own conversion drops, and a
 * size that Temporal stores whole, and replaces secrets. The retry policy decides whether to retry.
 */
export function failWithFacts(redact: Redact): ActivityInterceptorsFactory {
  return ({ cancellationSignal }) => ({
    inbound: {
      async execute(input, next) {
        try {
          return await next(input);
        } catch (error) {
          throw cancellationSignal.aborted ? error : toFailure(error, redact);
        }
      },
    },
  });
}

/** What an activity decides about its retries. */
const DECISIONS = ['nonRetryable', 'nextRetryDelay', 'category'] as const;

function toFailure(error: unknown, redact: Redact): unknown {
  if (error instanceof TemporalFailure && !(error instanceof ApplicationFailure)) return error;
  const create = (
    { stack, ...level }: FailureLevel,
    cause: ApplicationFailure | undefined,
  ): ApplicationFailure =>
    Object.assign(ApplicationFailure.create({ ...level, ...(cause && { cause }) }), { stack });
  const failure = boundFailure(error, create, redact);
  const isSlow = error instanceof AccessError || error instanceof ArtifactStoreMismatch;
  if (isSlow) Object.assign(failure, { nextRetryDelay: ACCESS_RETRY });
  if (!(error instanceof ApplicationFailure)) return failure;
  for (const name of DECISIONS) Object.assign(failure, { [name]: Reflect.get(error, name) as unknown });
  return failure;
}

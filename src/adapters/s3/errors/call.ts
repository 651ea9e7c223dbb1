import type { S3Settings } from '../../../config/s3-settings.ts';
import { PipelineError } from '../../../domain/errors.ts';
import { diagnose, MISSING } from './table.ts';

/** Errors of code, ours or the SDK's: they pass as what they are. */
const BUGS = ['TypeError', 'RangeError', 'ReferenceError', 'SyntaxError', 'AbortError'];

/** What an error of the SDK means, with the place: bucket, key, endpoint. Our own errors and bugs pass. */
export function toFailure(error: unknown, what: string, where: string, settings: S3Settings): unknown {
  if (error instanceof PipelineError || (error instanceof Error && BUGS.includes(error.name))) return error;
  const { meaning, got } = diagnose(error);
  const { expected } = meaning;
  return new meaning.Failure({
    what,
    where,
    ...(expected !== undefined && { expected }),
    got,
    hint: meaning.hint(settings),
    cause: error,
  });
}

/** There is no object of that name, but its bucket is there. */
export function isMissing(failure: unknown): boolean {
  return failure instanceof PipelineError && diagnose(failure.cause).meaning === MISSING;
}

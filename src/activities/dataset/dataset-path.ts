import { DatasetError, InvalidInput } from '../../domain/errors.ts';
import { fillPath, hasDateParts, parsePathTemplate } from '../../domain/dataset/path-template.ts';
import type { PipelineInput } from '../../domain/run/pipeline-input.ts';
import type { Calendar } from './calendar.ts';

export interface DatasetPath {
  readonly path: string;
  /** The time that filled in the date parts; undefined when the path has none. */
  readonly asOf: string | undefined;
}

/**
 * Fills in the date parts of the path with the time in the run's zone.
 *
 * @throws InvalidInput when there is no such zone
 */
export function resolveDatasetPath(
  { path, timezone }: Pick<PipelineInput['dataset'], 'path' | 'timezone'>,
  asOf: string,
  calendar: Calendar,
): DatasetPath {
  if (!calendar.isZone(timezone)) {
    throw new InvalidInput({
      what: 'dataset.timezone is unknown',
      expected: 'an IANA time zone like "Europe/Berlin"',
      got: JSON.stringify(timezone),
    });
  }
  if (!hasDateParts(path)) return { path, asOf: undefined };
  const instant = new Date(asOf);
  return { path: fillPath(parsePathTemplate(path), (days) => calendar.read(instant, timezone, days)), asOf };
}

/** Adds the template and the time to a "no such file": the input holds only the template. */
export function explainPath(
  error: unknown,
  { path, timezone }: Pick<PipelineInput['dataset'], 'path' | 'timezone'>,
  asOf: string | undefined,
): unknown {
  if (!(error instanceof DatasetError) || asOf === undefined) return error;
  const { got = 'none' } = error.facts;
  return new DatasetError({
    ...error.facts,
    got: `${got} for "${path}" as of ${asOf} in ${timezone}`,
    cause: error.cause,
  });
}

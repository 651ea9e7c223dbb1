import { z } from 'zod';
import { timeZones } from '../../adapters/time-zones.ts';
import { parseInput, section } from '../../domain/input-schema.ts';
import { hasDateParts } from '../../domain/dataset/path-template.ts';
import {
  pipelineInputJsonSchema,
  pipelineInputSchema,
  type PipelineInputJson,
} from '../../domain/run/pipeline-input.ts';
import { isObject, readInput, readJsonFile, type RunInputOptions } from '../shared/input.ts';

const UNITS_MS = { day: 86_400_000, hour: 3_600_000, minute: 60_000, second: 1_000 } as const;

/** `6 hours` in milliseconds; undefined when it is not a duration. */
function parseDuration(text: string): number | undefined {
  const [, count, unit] = /^(\d{1,6}) (second|minute|hour|day)s?$/.exec(text) ?? [];
  return unit === undefined ? undefined : Number(count) * UNITS_MS[unit as keyof typeof UNITS_MS];
}

/** In the largest unit that is exact. */
export function toDurationText(ms: number): string {
  const [unit, size] = Object.entries(UNITS_MS).find(([, unitMs]) => ms > 0 && ms % unitMs === 0) ?? [
    'second',
    UNITS_MS.second,
  ];
  return `${ms / size} ${unit}${ms === size ? '' : 's'}`;
}

export const DAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;
/** The server raises a smaller one to this. */
const MIN_CATCHUP_MS = 10_000;
/** More would delay nightly runs into the working day. */
const MAX_JITTER_MS = 3_600_000;

const timeOfDay = z
  .string()
  .regex(/^([01]?\d|2[0-3]):[0-5]\d$/, 'expected a time of day like "02:00"')
  .transform((text) => text.padStart(5, '0'));

const duration = z
  .string()
  .refine((text) => parseDuration(text) !== undefined, 'expected a duration like "5 minutes" or "6 hours"')
  .transform((text) => parseDuration(text) ?? 0);

const EXPECTED_ZONE = 'expected an IANA time zone like "Europe/Berlin"';
const timezone = z.string().refine((name) => timeZones.isZone(name), EXPECTED_ZONE);

/** The fields of schedule.json; flags have the same names. */
const schedulePlan = section({
  at: z
    .union([timeOfDay, z.array(timeOfDay).min(1)], 'expected a time of day like "02:00", or a list of them')
    .default('02:00')
    .transform((times) => [...new Set([times].flat())].sort()),
  timezone: timezone.default(() => Intl.DateTimeFormat().resolvedOptions().timeZone),
  days: z.array(z.enum(DAYS)).min(1).optional(),
  jitter: duration.default(300_000).refine((ms) => ms <= MAX_JITTER_MS, 'expected at most "1 hour"'),
  catchupWindow: duration
    .default(21_600_000)
    .refine((ms) => ms >= MIN_CATCHUP_MS, 'expected at least "10 seconds"'),
  note: z.string().min(1).optional(),
  paused: z.boolean().optional(),
  input: pipelineInputSchema()
    .refine(({ dataset }) => timeZones.isZone(dataset.timezone), {
      path: ['dataset', 'timezone'],
      error: EXPECTED_ZONE,
    })
    .refine(({ dataset }) => dataset.asOf === undefined, {
      path: ['dataset', 'asOf'],
      error: 'not allowed in a schedule, which gives each run its own time',
    })
    .prefault({}),
});

export interface SchedulePlan extends Omit<z.output<typeof schedulePlan>, 'input'> {
  /** As given, so that a run takes the defaults of its worker; with the zone of the schedule if the path needs one. */
  readonly input: PipelineInputJson;
}

/** @throws InvalidInput naming every problem */
export function parseSchedulePlan(given: Readonly<Record<string, unknown>>): SchedulePlan {
  const parsed = parseInput('the schedule', schedulePlan, given, 'Correct these fields and apply it again');
  const input = (given['input'] ?? {}) as PipelineInputJson;
  const { path } = parsed.input.dataset;
  if (!hasDateParts(path) || input.dataset?.timezone !== undefined) return { ...parsed, input };
  return { ...parsed, input: { ...input, dataset: { ...input.dataset, timezone: parsed.timezone } } };
}

export interface SchedulePlanOptions extends RunInputOptions {
  readonly file?: string;
  readonly at?: readonly string[];
  readonly timezone?: string;
}

/** The file, then the flags over it. */
export async function readSchedulePlan(options: SchedulePlanOptions): Promise<SchedulePlan> {
  const { file, at, timezone } = options;
  const given = file === undefined ? {} : await readJsonFile('--file', file);
  const input = given['input'];
  return parseSchedulePlan({
    ...given,
    ...(at !== undefined && { at }),
    ...(timezone !== undefined && { timezone }),
    // The schema refuses an input that is not an object.
    ...((input === undefined || isObject(input)) && {
      input: await readInput(options, pipelineInputJsonSchema(), input),
    }),
  });
}

interface ScheduleState {
  readonly paused: boolean;
  readonly note?: string | undefined;
}

/**
 * An operator or a failed run paused the schedule, and the note says why. Both survive a new plan, unless the plan
 * itself sets `paused`.
 */
export function nextState(plan: SchedulePlan, previous: ScheduleState = { paused: false }) {
  const paused = plan.paused ?? previous.paused;
  if (paused && previous.paused) return { paused, note: previous.note };
  const stale = paused === previous.paused ? previous.note : undefined;
  const reason = paused ? 'paused by imdb schedule apply' : undefined;
  return { paused, note: plan.note ?? stale ?? reason };
}

import {
  type CalendarSpec,
  type CalendarSpecDescription,
  type ScheduleDescription,
  type ScheduleOptions,
  ScheduleOverlapPolicy,
} from '@temporalio/client';
import { isDeepStrictEqual } from 'node:util';
import { workflowType } from '../../domain/names.ts';
import { padded } from '../../domain/dataset/local-time.ts';
import { isObject } from '../shared/input.ts';
import { printableText } from '../shared/text.ts';
import { DAYS, type SchedulePlan, toDurationText } from './plan.ts';

const MAX_VALUE_CHARS = 80;

export interface Difference {
  /** `input.forest.trees` */
  readonly field: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** Field by field; lists are compared as a whole. */
export function findDifferences(before: object, after: object): Difference[] {
  const old = new Map(flatten(before));
  const now = new Map(flatten(after));
  return [...new Set([...old.keys(), ...now.keys()])]
    .map((field) => ({ field, before: old.get(field), after: now.get(field) }))
    .filter((difference) => !isDeepStrictEqual(difference.before, difference.after));
}

/** `at: 02:00 → 03:30` */
export function describeDifference({ field, before, after }: Difference): string {
  return `${field}: ${toText(before)} → ${toText(after)}`;
}

function flatten(value: object, prefix = ''): [field: string, value: unknown][] {
  return Object.entries(value).flatMap(([key, inner]: [string, unknown]): [string, unknown][] =>
    isObject(inner) ? flatten(inner, `${prefix}${key}.`) : [[prefix + key, inner]],
  );
}

function toText(value: unknown): string {
  if (value === undefined || value === '') return '(none)';
  const parts = Array.isArray(value) ? (value as unknown[]) : [value];
  const text = parts.map((part) => (typeof part === 'string' ? part : JSON.stringify(part))).join(', ');
  return printableText(text, MAX_VALUE_CHARS);
}

/** A plan in Temporal's terms, without its state. */
export type ScheduleDefinition = Pick<ScheduleOptions, 'spec' | 'action'> & {
  readonly policies: Required<NonNullable<ScheduleOptions['policies']>>;
};

export function toScheduleDefinition(
  scheduleId: string,
  taskQueue: string,
  plan: SchedulePlan,
): ScheduleDefinition {
  const { at, timezone, jitter, catchupWindow, input } = plan;
  return {
    spec: { calendars: at.map((time) => toCalendar(time, plan)), timezone, jitter },
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow, pauseOnFailure: true },
    action: {
      type: 'startWorkflow',
      workflowType: workflowType.ratingPipeline,
      // Temporal appends the time that the run is meant for.
      workflowId: scheduleId,
      taskQueue,
      // No summary and no details: the UI's start form copies them into runs with other inputs.
      args: [input],
    },
  };
}

function toCalendar(time: string, { days }: SchedulePlan): CalendarSpec {
  const [hour, minute] = time.split(':').map(Number);
  return {
    hour: hour as number,
    minute: minute as number,
    ...(days && { dayOfWeek: days.map((day) => day.toUpperCase() as Uppercase<typeof day>) }),
  };
}

/** A schedule in the fields of schedule.json, whether it is planned or on the server. */
export interface ScheduleView {
  /** Times of day; undefined when the schedule was changed to something else, e.g. in the UI. */
  readonly at: readonly string[] | undefined;
  /** undefined: every day. */
  readonly days: readonly string[] | undefined;
  readonly timezone: string;
  readonly jitter: string;
  readonly catchupWindow: string;
  readonly overlap: string | undefined;
  readonly pauseOnFailure: boolean;
  readonly taskQueue: string | undefined;
  readonly input: unknown;
  readonly summary: string | undefined;
  readonly details: string | undefined;
  readonly paused: boolean;
  readonly note: string | undefined;
}

type State = Pick<ScheduleView, 'paused' | 'note'>;

export function viewOfPlan(
  plan: SchedulePlan,
  { policies, action }: ScheduleDefinition,
  state: State,
): ScheduleView {
  return {
    at: plan.at,
    days: plan.days && inOrder(plan.days),
    timezone: plan.timezone,
    jitter: toDurationText(plan.jitter),
    catchupWindow: toDurationText(plan.catchupWindow),
    overlap: policies.overlap,
    pauseOnFailure: policies.pauseOnFailure,
    taskQueue: action.taskQueue,
    input: action.args?.[0],
    summary: action.staticSummary,
    details: action.staticDetails,
    paused: state.paused,
    note: state.note,
  };
}

export function viewOfSchedule({ spec, policies, action, state }: ScheduleDescription): ScheduleView {
  const calendars = spec.calendars ?? [];
  const isDaily =
    calendars.every(isEveryDate) &&
    new Set(calendars.map(({ dayOfWeek }) => daysOf(dayOfWeek).join())).size === 1 &&
    [spec.intervals, spec.skip].every((list = []) => list.length === 0) &&
    spec.startAt === undefined &&
    spec.endAt === undefined;
  const days = daysOf(calendars[0]?.dayOfWeek ?? []);
  return {
    at: isDaily ? [...new Set(calendars.flatMap(timesOf))].sort() : undefined,
    days: isDaily && days.length < DAYS.length ? days : undefined,
    timezone: spec.timezone ?? 'UTC',
    jitter: toDurationText(spec.jitter ?? 0),
    catchupWindow: toDurationText(policies.catchupWindow),
    overlap: policies.overlap,
    pauseOnFailure: policies.pauseOnFailure,
    taskQueue: action.taskQueue,
    input: action.args?.[0],
    summary: action.staticSummary,
    details: action.staticDetails,
    paused: state.paused,
    note: state.note,
  };
}

/** `every day at 02:00 and 14:00 Europe/Berlin` */
export function describeTimes({ at, days, timezone }: ScheduleView): string {
  if (at === undefined) return `at times that "imdb schedule apply" did not set, ${timezone}`;
  return `every ${days?.join(', ') ?? 'day'} at ${at.join(' and ')} ${timezone}`;
}

function isEveryDate({ second, dayOfMonth, month, year }: CalendarSpecDescription): boolean {
  const [days] = dayOfMonth;
  return (
    year.length === 0 &&
    expand(second).join() === '0' &&
    dayOfMonth.length === 1 &&
    days?.start === 1 &&
    days.end === 31 &&
    month.length === 1 &&
    month[0]?.start === 'JANUARY' &&
    month[0].end === 'DECEMBER'
  );
}

function timesOf({ hour, minute }: CalendarSpecDescription): string[] {
  return expand(hour).flatMap((h) => expand(minute).map((m) => `${padded(h, 2)}:${padded(m, 2)}`));
}

type NumberRanges = CalendarSpecDescription['hour'];

function expand(ranges: NumberRanges): number[] {
  return ranges.flatMap(({ start, end, step }) =>
    Array.from({ length: Math.floor((end - start) / step) + 1 }, (_, index) => start + index * step),
  );
}

/** The week of Temporal begins on Sunday. */
function daysOf(ranges: CalendarSpecDescription['dayOfWeek']): string[] {
  const indexOf = (day: string) => (DAYS.indexOf(day.toLowerCase() as (typeof DAYS)[number]) + 1) % 7;
  const days = expand(
    ranges.map(({ start, end, step }) => ({ start: indexOf(start), end: indexOf(end), step })),
  );
  return inOrder(days.map((day) => DAYS[(day + 6) % 7] ?? ''));
}

function inOrder(days: readonly string[]): string[] {
  return DAYS.filter((day) => days.includes(day));
}

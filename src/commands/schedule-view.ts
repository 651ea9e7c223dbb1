import type { CalendarSpecDescription, ScheduleDescription } from '@temporalio/client';
import { padded } from '../domain/local-time.ts';
import { toDurationText } from './duration.ts';
import type { ScheduleDefinition } from './schedule-options.ts';
import { DAYS, type SchedulePlan } from './schedule-plan.ts';

/** A schedule in the words of schedule.json, whether it is planned or on the server. */
export interface ScheduleView {
  /** Times of day; undefined when somebody made something else of it, in the UI for example. */
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
    input: plan.input,
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
  if (at === undefined) return `at times that were set elsewhere, ${timezone}`;
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

import type { SchedulePlan } from './schedule-plan.ts';

interface ScheduleState {
  readonly paused: boolean;
  readonly note?: string | undefined;
}

/**
 * A schedule is paused by its operator, or by a run that failed, and the note says why: both survive a new plan, unless
 * it says itself whether the schedule is paused.
 */
export function nextState(plan: SchedulePlan, previous: ScheduleState = { paused: false }) {
  const paused = plan.paused ?? previous.paused;
  if (paused && previous.paused) return { paused, note: previous.note };
  const stale = paused === previous.paused ? previous.note : undefined;
  const reason = paused ? 'paused by imdb schedule apply' : undefined;
  return { paused, note: plan.note ?? stale ?? reason };
}

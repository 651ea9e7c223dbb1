import type { Client } from '@temporalio/client';
import { msToTs, tsToDate } from '@temporalio/common/lib/time.js';
import { timeZones } from '../../adapters/time-zones.ts';
import { toDateText, toTimeText } from '../../domain/dataset/local-time.ts';
import { UsageError } from '../shared/exit.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** The server's own limit; it truncates longer lists without saying so. */
const MAX_LISTED_TIMES = 1_000;

interface TimesOfDay {
  readonly at: readonly string[];
  readonly timezone: string;
  readonly jitterMs: number;
}

export interface ScheduledTime {
  /** When the run is meant to start: its as-of time. */
  readonly nominal: Date;
  /** The same with the schedule's jitter. */
  readonly start: Date;
}

/**
 * When a schedule is meant to run from one date to another, both included, in its own zone. The server decides what
 * a time of day is when the clocks change: a run at a skipped hour does not happen.
 *
 * @throws UsageError when they are too many
 */
export async function listScheduledTimes(
  client: Client,
  scheduleId: string,
  schedule: TimesOfDay,
  { from, to }: { readonly from: string; readonly to: string },
): Promise<ScheduledTime[]> {
  // Wider than the offset of any zone; the filter below removes the rest.
  const { startTime } = await client.workflowService.listScheduleMatchingTimes({
    namespace: client.options.namespace,
    scheduleId,
    startTime: msToTs(Date.parse(from) - DAY_MS),
    endTime: msToTs(Date.parse(to) + 3 * DAY_MS),
  });
  if (startTime.length >= MAX_LISTED_TIMES) {
    throw new UsageError(`too many runs from ${from} to ${to}: expected fewer than ${MAX_LISTED_TIMES}`);
  }
  return startTime
    .map(tsToDate)
    .map((start) => ({ start, nominal: withoutJitter(start, schedule) }))
    .filter(({ nominal }) => {
      const date = toDateText(timeZones.read(nominal, schedule.timezone));
      return from <= date && date <= to;
    });
}

/** Jitter delays a run, never beyond the next time: the nominal time is the last one before. */
function withoutJitter(start: Date, { at, timezone, jitterMs }: TimesOfDay): Date {
  const minute = Math.floor(start.getTime() / MINUTE_MS) * MINUTE_MS;
  const earliest = minute - jitterMs - MINUTE_MS;
  for (let candidate = minute; candidate >= earliest; candidate -= MINUTE_MS) {
    const instant = new Date(candidate);
    if (at.includes(toTimeText(timeZones.read(instant, timezone)))) return instant;
  }
  return start;
}

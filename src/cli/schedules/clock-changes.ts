import type { Client } from '@temporalio/client';
import { timeZones } from '../../adapters/time-zones.ts';
import { toDateText, toTimeText } from '../../domain/dataset/local-time.ts';
import { DAYS, type SchedulePlan } from './plan.ts';
import { listScheduledTimes, MAX_LISTED_TIMES, type TimesOfDay } from './times.ts';

const DAY_MS = 86_400_000;
/** Every zone that changes its clocks does it within that. */
const MAX_DAYS = 366;
/** A few days' more are listed than asked for. */
const MAX_TIMES = 0.9 * MAX_LISTED_TIMES;

/**
 * Nights on which a clock change takes a time of day away, or brings it twice: 02:00 in Berlin is missing once a year.
 * Each as a sentence.
 */
export async function describeClockChanges(
  client: Client,
  scheduleId: string,
  schedule: TimesOfDay & Pick<SchedulePlan, 'days'>,
  now: Date,
): Promise<string[]> {
  const { at, timezone, days } = schedule;
  const dates = datesFrom(now, Math.min(MAX_DAYS, Math.floor(MAX_TIMES / at.length)), timezone).filter(
    (date) => days === undefined || days.includes(weekday(date)),
  );
  const [from, to] = [dates[0], dates.at(-1)];
  if (from === undefined || to === undefined) return [];
  const listed = await listScheduledTimes(client, scheduleId, schedule, { from, to });
  const counts = new Map<string, number>();
  for (const { nominal } of listed) {
    const local = timeZones.read(nominal, timezone);
    const key = `${toDateText(local)} ${toTimeText(local)}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return dates.flatMap((date) =>
    at.flatMap((time) => {
      const count = counts.get(`${date} ${time}`) ?? 0;
      if (count === 1) return [];
      return [
        count === 0
          ? `no run at ${time} on ${date}: the clocks of ${timezone} skip it`
          : `${count} runs at ${time} on ${date}: the clocks of ${timezone} show it ${count} times`,
      ];
    }),
  );
}

/** From tomorrow on. */
function datesFrom(now: Date, count: number, timezone: string): string[] {
  const today = Date.parse(toDateText(timeZones.read(now, timezone)));
  return Array.from({ length: count }, (_, day) =>
    new Date(today + (day + 1) * DAY_MS).toISOString().slice(0, 10),
  );
}

function weekday(date: string): (typeof DAYS)[number] {
  // The week of JavaScript begins on Sunday.
  return DAYS[(new Date(date).getUTCDay() + 6) % 7] as (typeof DAYS)[number];
}

import { TZDate, tzOffset } from '@date-fns/tz';
import type { Calendar } from '../activities/dataset/calendar.ts';

/** Time zones from the runtime's own data. */
export const timeZones: Calendar = {
  isZone(name) {
    // tzOffset accepts an offset like "+02:00", too, which is not a zone: it has no daylight saving time.
    return /^[A-Za-z]/.test(name) && !Number.isNaN(tzOffset(name, new Date(0)));
  },
  read(instant, timezone, days = 0) {
    const date = new TZDate(instant.getTime(), timezone);
    if (days !== 0) date.setDate(date.getDate() + days);
    return {
      year: date.getFullYear(),
      month: date.getMonth() + 1,
      day: date.getDate(),
      hour: date.getHours(),
      minute: date.getMinutes(),
    };
  },
};

/** `2026-11-22T02:00:00+01:00` */
export function toZonedText(instant: Date, timezone: string): string {
  return new TZDate(instant.getTime(), timezone).toISOString().replace(/\.\d+/, '');
}

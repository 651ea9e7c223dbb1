import type { LocalTime } from '../../domain/dataset/local-time.ts';

/** Port: what clocks and calendars show in a time zone. */
export interface Calendar {
  /** Whether there is an IANA time zone of this name. */
  isZone(name: string): boolean;
  /**
   * @param timezone one that `isZone` knows
   * @param days calendar days later, at the same time of day
   */
  read(instant: Date, timezone: string, days?: number): LocalTime;
}

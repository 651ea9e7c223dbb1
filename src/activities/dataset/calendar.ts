import type { LocalTime } from '../../domain/dataset/local-time.ts';

/** Port: local time in a time zone. */
export interface Calendar {
  /** Whether an IANA time zone of this name exists. */
  isZone(name: string): boolean;
  /**
   * @param timezone one that `isZone` knows
   * @param days calendar days to add, at the same time of day
   */
  read(instant: Date, timezone: string, days?: number): LocalTime;
}

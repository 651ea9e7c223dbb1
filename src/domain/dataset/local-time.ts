/** Date and time of day in some time zone. */
export interface LocalTime {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
}

/** `2026-11-22`, which sorts in the order of the dates. */
export function toDateText({ year, month, day }: LocalTime): string {
  return `${padded(year, 4)}-${padded(month, 2)}-${padded(day, 2)}`;
}

/** `02:00` */
export function toTimeText({ hour, minute }: LocalTime): string {
  return `${padded(hour, 2)}:${padded(minute, 2)}`;
}

export function padded(value: number, digits: number): string {
  return String(value).padStart(digits, '0');
}

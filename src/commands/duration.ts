const UNITS_MS = { day: 86_400_000, hour: 3_600_000, minute: 60_000, second: 1_000 } as const;

/** `6 hours` in milliseconds; undefined when it is no duration. */
export function parseDuration(text: string): number | undefined {
  const [, count, unit] = /^(\d{1,6}) (second|minute|hour|day)s?$/.exec(text) ?? [];
  return unit === undefined ? undefined : Number(count) * UNITS_MS[unit as keyof typeof UNITS_MS];
}

/** In the largest unit that says it exactly. */
export function toDurationText(ms: number): string {
  const [unit, size] = Object.entries(UNITS_MS).find(([, unitMs]) => ms > 0 && ms % unitMs === 0) ?? [
    'second',
    UNITS_MS.second,
  ];
  return `${ms / size} ${unit}${ms === size ? '' : 's'}`;
}

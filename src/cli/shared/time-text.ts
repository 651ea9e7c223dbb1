/** A time of Temporal's protocol, as ISO 8601. */
export function timeOf(
  timestamp: { readonly seconds?: unknown; readonly nanos?: number | null } | null | undefined,
): string | undefined {
  if (!timestamp) return undefined;
  return new Date(Number(timestamp.seconds ?? 0) * 1_000 + (timestamp.nanos ?? 0) / 1e6).toISOString();
}

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
] as const;

/** `23 h`, `3 min`, `12 s`: from one time to another, in the largest unit of which there are two, or in seconds. */
export function spanText(fromIso: string, toIso: string): string {
  const ms = Math.max(0, Date.parse(toIso) - Date.parse(fromIso));
  const [unit, unitMs] = UNITS.find(([, size]) => ms >= 2 * size) ?? ['s', 1_000];
  return `${Math.round(ms / unitMs)} ${unit}`;
}

/** `2026-11-22 02:10:11 UTC` */
export function clockText(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`;
}

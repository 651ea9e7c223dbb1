/** When an activity or a child workflow ran, ISO 8601. Workflow time can't tell: it jumps at a reset. */
export interface CallTimes {
  /** Its first attempt was scheduled. */
  readonly from: string;
  readonly to: string;
}

/** A result as it is in a history. */
export type Timed<T> = T | (T & { readonly took?: CallTimes });

/** @param timed only objects carry times */
export function splitTimes<T>(timed: Timed<T>): { readonly result: T; readonly took?: CallTimes } {
  if (typeof timed !== 'object' || timed === null || !('took' in timed)) return { result: timed };
  const { took, ...result } = timed as T & { readonly took: CallTimes };
  return { result: result as T, took };
}

/** Seconds in which at least one of the calls ran. The time between calls, such as before a reset, does not count. */
export function busySeconds(calls: readonly CallTimes[]): number {
  let busyMs = 0;
  let untilMs = -Infinity;
  const periods = calls.map(({ from, to }) => [Date.parse(from), Date.parse(to)] as const);
  for (const [fromMs, toMs] of periods.sort(([a], [b]) => a - b)) {
    busyMs += Math.max(0, toMs - Math.max(fromMs, untilMs));
    untilMs = Math.max(untilMs, toMs);
  }
  return busyMs / 1_000;
}

/** Enough to see the shape of a cloud; a point is 150 bytes of the page, and drawing must not hold up a heartbeat. */
export const MAX_POINTS = 1_000;

/** Up to {@link MAX_POINTS} of the values, evenly spaced, so that every run of the same data shows the same. */
export function thinOut<T>(values: readonly T[], most = MAX_POINTS): readonly T[] {
  if (values.length <= most) return values;
  return Array.from({ length: most }, (_, i) => values[Math.floor((i * values.length) / most)] as T);
}

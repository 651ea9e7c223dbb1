import type { OutgoingRecord } from '../domain/record.ts';

/**
 * What kafkajs read, as pairs. It collects headers in a plain object and takes what that inherits for an earlier
 * header: one called "constructor" arrives behind a function, and without this no reader gets past its record.
 *
 * The values of one name keep their order; names may change theirs ("a", "b", "a" becomes "a", "a", "b"; numbers come
 * first), and null becomes empty: kafkajs can neither tell nor write these.
 */
export function fromHeaders(
  headers: Readonly<Record<string, unknown>> | undefined,
): [name: string, value: Uint8Array][] {
  return Object.entries(headers ?? {}).flatMap(([name, values]) =>
    [values].flat().flatMap((value: unknown): [string, Uint8Array][] => {
      if (value instanceof Uint8Array) return [[name, value]];
      return value === null || value === undefined ? [[name, new Uint8Array()]] : [];
    }),
  );
}

/** A name may be "constructor" or "__proto__": only a map asks no prototype, and `fromEntries` sets none. */
export function toHeaders(headers: OutgoingRecord['headers']): Record<string, Buffer[]> {
  const grouped = new Map<string, Buffer[]>();
  for (const [name, bytes] of headers) {
    const values = grouped.get(name) ?? [];
    values.push(Buffer.from(bytes as Uint8Array));
    grouped.set(name, values);
  }
  return Object.fromEntries(grouped);
}

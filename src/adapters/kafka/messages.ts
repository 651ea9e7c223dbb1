import type { Message } from 'kafkajs';
import type { OutgoingRecord } from '../../domain/log/record.ts';

/** A `send` writes one record batch, and the broker refuses batches over 1 MB (`message.max.bytes`). */
export const MAX_SEND_BYTES = 700_000;
/** At most: lengths, varints and attributes of one record. */
const RECORD_OVERHEAD_BYTES = 64;

function toBuffer(bytes: string | Uint8Array | null): Buffer | null {
  return bytes === null ? null : Buffer.from(bytes as Uint8Array);
}

export function toMessage({ key, value, headers }: OutgoingRecord): Message {
  return { key: toBuffer(key), value: toBuffer(value), headers: toHeaders(headers) };
}

/** As many of the messages from `start` on as fit into `bytes`, and at least one. */
export function takeChunk(messages: readonly Message[], start: number, bytes: number): Message[] {
  let end = start;
  let room = bytes;
  do {
    room -= sizeOf(messages[end] as Message);
    if (room >= 0 || end === start) end += 1;
  } while (room > 0 && end < messages.length);
  return messages.slice(start, end);
}

export function sizeOfAll(messages: readonly Message[]): number {
  return messages.reduce((sum, message) => sum + sizeOf(message), 0);
}

export function sizeOf({ key, value, headers }: Message): number {
  const headerBytes = Object.entries(headers ?? {}).map(([name, values]) =>
    [values].flat().reduce((sum, header) => sum + name.length + (header?.length ?? 0) + 10, 0),
  );
  const bytes = (key?.length ?? 0) + (value?.length ?? 0) + RECORD_OVERHEAD_BYTES;
  return headerBytes.reduce((sum, length) => sum + length, bytes);
}

/**
 * kafkajs writes headers by name: the values of one name keep their order, but the order of names may change ("a", "b",
 * "a" becomes "a", "a", "b"; numbers come first).
 *
 * A name may be "constructor" or "__proto__": a map reads no prototype, and `fromEntries` sets none.
 */
export function toHeaders(headers: OutgoingRecord['headers']): Record<string, Buffer[]> {
  const grouped = new Map<string, Buffer[]>();
  for (const [name, bytes] of headers) {
    const values = grouped.get(name) ?? [];
    values.push(Buffer.from(bytes as Uint8Array));
    grouped.set(name, values);
  }
  return Object.fromEntries(grouped);
}

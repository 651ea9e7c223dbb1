import type { Message } from 'kafkajs';
import type { OutgoingRecord } from '../../domain/log/record.ts';

/** A `send` writes one record batch, and the broker refuses batches over 1 MB (`message.max.bytes`). */
export const MAX_SEND_BYTES = 700_000;
/** kafkajs encodes a `send` without a pause, some 40 µs a record: more would hold the main thread for too long. */
const MAX_SEND_RECORDS = 1_000;
/** At most: lengths, varints and attributes of one record. */
const RECORD_OVERHEAD_BYTES = 64;
/** At most: lengths of the name and the value. */
const HEADER_OVERHEAD_BYTES = 10;

/** A message as kafkajs takes it, and about how large it is in Kafka. */
export interface SizedMessage {
  readonly message: Message;
  readonly bytes: number;
}

function toBuffer(bytes: string | Uint8Array | null): Buffer | null {
  return bytes === null ? null : Buffer.from(bytes as Uint8Array);
}

export function toMessage({ key, value, headers }: OutgoingRecord): SizedMessage {
  const message = { key: toBuffer(key), value: toBuffer(value), headers: toHeaders(headers) };
  let bytes = RECORD_OVERHEAD_BYTES + (message.key?.length ?? 0) + (message.value?.length ?? 0);
  for (const name of Object.keys(message.headers)) {
    for (const header of message.headers[name] ?? [])
      bytes += name.length + header.length + HEADER_OVERHEAD_BYTES;
  }
  return { message, bytes };
}

/** As many of the messages from `start` on as fit into `bytes` and a `send`, and at least one. */
export function takeChunk(messages: readonly SizedMessage[], start: number, bytes: number): SizedMessage[] {
  const last = Math.min(messages.length, start + MAX_SEND_RECORDS);
  let end = start;
  let room = bytes;
  do {
    room -= messages[end]?.bytes ?? 0;
    if (room >= 0 || end === start) end += 1;
  } while (room > 0 && end < last);
  return messages.slice(start, end);
}

export function sizeOfAll(messages: readonly SizedMessage[]): number {
  return messages.reduce((sum, { bytes }) => sum + bytes, 0);
}

/**
 * kafkajs writes headers by name: the values of one name keep their order, but the order of names may change ("a", "b",
 * "a" becomes "a", "a", "b"; numbers come first).
 *
 * A name may be "constructor" or "__proto__": an object without a prototype takes any.
 */
export function toHeaders(headers: OutgoingRecord['headers']): Record<string, Buffer[]> {
  const grouped = Object.create(null) as Record<string, Buffer[]>;
  for (const [name, bytes] of headers) (grouped[name] ??= []).push(Buffer.from(bytes as Uint8Array));
  return grouped;
}

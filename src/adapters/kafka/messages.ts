import type { Message } from 'kafkajs';
import type { OutgoingRecord } from '../../domain/log/record.ts';

/** A `send` writes one record batch per partition, and the broker refuses batches over 1 MB (`message.max.bytes`). */
const MAX_SEND_BYTES = 700_000;
/** At most: lengths, varints and attributes of one record. */
const RECORD_OVERHEAD_BYTES = 64;

export interface PartitionMessages {
  readonly partition: number;
  readonly messages: readonly Message[];
}

function toBuffer(bytes: string | Uint8Array | null): Buffer | null {
  return bytes === null ? null : Buffer.from(bytes as Uint8Array);
}

export function toMessage({ key, value, headers }: OutgoingRecord): Message {
  return { key: toBuffer(key), value: toBuffer(value), headers: toHeaders(headers) };
}

/** The messages of each `send`: the next chunk of every partition, so that the broker works on all of them at once. */
export function* interleave(partitions: readonly PartitionMessages[]): Generator<Message[]> {
  const chunks = partitions.map(({ messages }) => chunkByBytes(messages));
  const rounds = Math.max(0, ...chunks.map(({ length }) => length));
  for (let round = 0; round < rounds; round += 1) yield chunks.flatMap((parts) => parts[round] ?? []);
}

function chunkByBytes(messages: readonly Message[]): Message[][] {
  const chunks: Message[][] = [];
  let room = 0;
  for (const message of messages) {
    const size = sizeOf(message);
    if (size > room) {
      chunks.push([]);
      room = MAX_SEND_BYTES;
    }
    chunks.at(-1)?.push(message);
    room -= size;
  }
  return chunks;
}

function sizeOf({ key, value, headers }: Message): number {
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

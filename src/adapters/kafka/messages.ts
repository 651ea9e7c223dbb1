import type { Message } from 'kafkajs';
import type { OutgoingRecord } from '../../domain/log/record.ts';

/** A `send` becomes one record batch per partition; the broker refuses batches over 1 MB (`message.max.bytes`). */
const MAX_SEND_BYTES = 700_000;
/** Lengths, varints and attributes of one record, at most. */
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

/** One `send` after the other, each with the next chunk of every partition: the broker works on all of them at once. */
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
function toHeaders(headers: OutgoingRecord['headers']): Record<string, Buffer[]> {
  const grouped = new Map<string, Buffer[]>();
  for (const [name, bytes] of headers) {
    const values = grouped.get(name) ?? [];
    values.push(Buffer.from(bytes as Uint8Array));
    grouped.set(name, values);
  }
  return Object.fromEntries(grouped);
}

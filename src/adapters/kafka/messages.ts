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
 * Headers as pairs. kafkajs collects them in a plain object and takes an inherited property for an earlier header: the
 * values of one named "constructor" begin with a function, which is dropped here.
 *
 * The values of one name keep their order. The order of names may change ("a", "b", "a" becomes "a", "a", "b"; numbers
 * come first), and null becomes empty: kafkajs loses the one and cannot write the other.
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

/** A name may be "constructor" or "__proto__": a map reads no prototype, and `fromEntries` sets none. */
function toHeaders(headers: OutgoingRecord['headers']): Record<string, Buffer[]> {
  const grouped = new Map<string, Buffer[]>();
  for (const [name, bytes] of headers) {
    const values = grouped.get(name) ?? [];
    values.push(Buffer.from(bytes as Uint8Array));
    grouped.set(name, values);
  }
  return Object.fromEntries(grouped);
}

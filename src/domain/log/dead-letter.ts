import { cutHeader, deadLetterHeader } from '../names.ts';
import type { OffsetRange } from './offsets.ts';
import type { CutParts, LogRecord, OutgoingRecord, Whole } from './record.ts';

/** A record that could not be scored, byte for byte unless it is cut, and why. */
export interface DeadLetter {
  readonly partition: number;
  readonly offset: number;
  readonly timestamp: string;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: LogRecord['headers'];
  readonly cut?: CutParts;
  readonly errorType: string;
  readonly errorMessage: string;
}

const MAX_MESSAGE_CHARS = 2_000;

export function toDeadLetter(record: LogRecord, error: Error): DeadLetter {
  const { partition, offset, timestamp, key, value, headers, cut } = record;
  const letter = { partition, offset, timestamp, key, value, headers, ...(cut && { cut }) };
  return { ...letter, errorType: error.name, errorMessage: error.message.slice(0, MAX_MESSAGE_CHARS) };
}

/** The refused record with its original bytes, and headers that say where it came from and what was wrong. */
export function deadLetterRecord(run: string, topic: string, deadLetter: DeadLetter): OutgoingRecord {
  const { key, value, headers, cut = {} } = deadLetter;
  const facts: Record<keyof typeof deadLetterHeader, string> = {
    topic,
    partition: String(deadLetter.partition),
    offset: String(deadLetter.offset),
    timestamp: deadLetter.timestamp,
    errorType: deadLetter.errorType,
    errorMessage: deadLetter.errorMessage,
    runId: run,
    cut: Object.keys(cut).join(','),
  };
  return {
    key,
    value,
    headers: [
      ...headers,
      ...entriesOf(deadLetterHeader).map(([fact, name]) => [name, facts[fact]] as const),
      ...entriesOf(cut).flatMap(([part, { bytes, sha256 }]) => [
        [cutHeader[part].bytes, String(bytes)] as const,
        [cutHeader[part].sha256, sha256] as const,
      ]),
    ],
  };
}

function entriesOf<T extends object>(object: T): [keyof T, NonNullable<T[keyof T]>][] {
  return Object.entries(object) as [keyof T, NonNullable<T[keyof T]>][];
}

/** Of the headers that a dead letter adds, and of what the broker adds to a record. */
const ADDED_BYTES = 3 * MAX_MESSAGE_CHARS + 4_096;
/** Of a header beside its name and value. */
const HEADER_OVERHEAD_BYTES = 10;

/**
 * The record, cut to what its dead letter may hold: the end of its value first, then all its headers, then the end of
 * its key.
 *
 * @param limit largest record that the dead-letters topic takes
 * @param sha256 hex
 */
export function cutToFit(record: LogRecord, limit: number, sha256: (bytes: Uint8Array) => string): LogRecord {
  const room = Math.max(0, limit - ADDED_BYTES);
  const { partition, offset, timestamp, key, value } = record;
  const encoder = new TextEncoder();
  const headerBytes = record.headers.flatMap(([name, bytes]) => [encoder.encode(name), bytes]);
  const headersSize = sizeOf(headerBytes) + HEADER_OVERHEAD_BYTES * record.headers.length;
  const keySize = Math.min(room, key?.length ?? 0);
  const headers = keySize + headersSize <= room ? record.headers : [];
  const valueSize = Math.max(0, room - keySize - (headers.length > 0 ? headersSize : 0));
  const whole = (bytes: Uint8Array): Whole => ({ bytes: bytes.length, sha256: sha256(bytes) });
  const cut: CutParts = {
    ...(isLarger(key, keySize) && { key: whole(key) }),
    ...(isLarger(value, valueSize) && { value: whole(value) }),
    ...(headers !== record.headers && { headers: whole(concat(headerBytes)) }),
    // What the reader has cut it knows whole.
    ...record.cut,
  };
  if (Object.keys(cut).length === 0) return record;
  return {
    partition,
    offset,
    timestamp,
    key: key?.subarray(0, keySize) ?? null,
    value: value?.subarray(0, valueSize) ?? null,
    headers,
    cut,
  };
}

function isLarger(bytes: Uint8Array | null, size: number): bytes is Uint8Array {
  return bytes !== null && bytes.length > size;
}

function sizeOf(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, { length }) => sum + length, 0);
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(sizeOf(parts));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** What the headers of a dead letter say about the refused record. */
export interface DeadLetterFacts {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** Milliseconds since the epoch, as Kafka gave it. */
  readonly timestamp: string;
  readonly errorType: string;
  readonly errorMessage: string;
  readonly runId: string;
}

export interface ParsedDeadLetter {
  readonly record: LogRecord;
  readonly facts: DeadLetterFacts;
  /** Undefined for a whole record. */
  readonly cut?: CutParts;
}

/** Another producer's record in a dead-letters topic. */
export interface ForeignRecord {
  readonly record: LogRecord;
  /** Why it is not a dead letter of the topic. */
  readonly reason: string;
}

/** @param topic that the records were refused from */
export function parseDeadLetter(topic: string, record: LogRecord): ParsedDeadLetter | ForeignRecord {
  const missing = Object.values(deadLetterHeader).find((name) => findText(record, name) === undefined);
  if (missing !== undefined) return { record, reason: `header ${missing} is missing` };
  const text = (name: string): string => findText(record, name) ?? '';
  const partition = text(deadLetterHeader.partition);
  const offset = text(deadLetterHeader.offset);
  if (!isCount(partition)) return { record, reason: `${deadLetterHeader.partition} is not a partition` };
  if (!isCount(offset)) return { record, reason: `${deadLetterHeader.offset} is not an offset` };
  if (text(deadLetterHeader.topic) !== topic) return { record, reason: `it comes from another topic` };
  return {
    record,
    facts: {
      topic,
      partition: Number(partition),
      offset: Number(offset),
      timestamp: text(deadLetterHeader.timestamp),
      errorType: text(deadLetterHeader.errorType),
      errorMessage: text(deadLetterHeader.errorMessage),
      runId: text(deadLetterHeader.runId),
    },
    ...(record.cut ? { cut: record.cut } : parseCut(text)),
  };
}

/** The last is ours: the refused record may have headers of these names too. */
function findText({ headers }: LogRecord, name: string): string | undefined {
  const bytes = headers.findLast(([candidate]) => candidate === name)?.[1];
  return bytes && new TextDecoder().decode(bytes);
}

function parseCut(text: (name: string) => string): { readonly cut?: CutParts } {
  const names = text(deadLetterHeader.cut).split(',');
  const cut = entriesOf(cutHeader)
    .filter(([part]) => names.includes(part))
    .map(([part, { bytes, sha256 }]) => [part, { bytes: Number(text(bytes)), sha256: text(sha256) }]);
  return cut.length === 0 ? {} : { cut: Object.fromEntries(cut) as CutParts };
}

export function isDeadLetter(entry: ParsedDeadLetter | ForeignRecord): entry is ParsedDeadLetter {
  return 'facts' in entry;
}

export function isForeign(entry: ParsedDeadLetter | ForeignRecord): entry is ForeignRecord {
  return 'reason' in entry;
}

/** Not the whole record. */
export function isCut(entry: ParsedDeadLetter | ForeignRecord): boolean {
  return 'cut' in entry;
}

/** Why a replay does not send an entry: only what is whole goes back. */
export function reasonToLeave(entry: ParsedDeadLetter | ForeignRecord): string | undefined {
  if (isForeign(entry)) return entry.reason;
  if (!entry.cut) return undefined;
  const { topic, partition, offset } = entry.facts;
  const parts = entriesOf(entry.cut).map(([part, { bytes }]) => `its ${part} of ${bytes} bytes`);
  return `it is cut short (${parts.join(', ')}); the whole record was ${topic}[${partition}]@${offset}`;
}

/** The refused record of a whole dead letter, byte for byte: the last header of each name that was added is removed. */
export function replayRecord({ key, value, headers }: LogRecord): OutgoingRecord {
  const added = new Set(
    Object.values(deadLetterHeader).map((name) => headers.findLastIndex(([candidate]) => candidate === name)),
  );
  return { key, value, headers: headers.filter((_, i) => !added.has(i)) };
}

/** Next offset to replay, by partition; a partition that was never replayed has no entry. */
export type ReplayPositions = ReadonlyMap<number, number>;

export function isReplayed({ partition, offset }: LogRecord, positions: ReplayPositions): boolean {
  return offset < (positions.get(partition) ?? 0);
}

/**
 * Whether the broker no longer knows if a dead letter was replayed. It forgets positions that are older than its
 * `offsets.retention.minutes`: a younger dead letter without a position was not replayed, an older one may have been.
 */
export function isUnproven(
  { partition, timestamp }: LogRecord,
  positions: ReplayPositions,
  forgottenBeforeMs: number,
): boolean {
  return !positions.has(partition) && Number(timestamp) <= forgottenBeforeMs;
}

/** The parts of the ranges that have not been replayed. */
export function awaitingRanges(ranges: readonly OffsetRange[], positions: ReplayPositions): OffsetRange[] {
  return ranges
    .map(({ partition, offsetFrom, offsetTo }) => ({
      partition,
      offsetFrom: Math.max(offsetFrom, positions.get(partition) ?? 0),
      offsetTo,
    }))
    .filter(({ offsetFrom, offsetTo }) => offsetFrom < offsetTo);
}

function isCount(text: string): boolean {
  return /^\d+$/.test(text) && Number.isSafeInteger(Number(text));
}

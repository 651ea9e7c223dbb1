import { deadLetterHeader } from '../names.ts';
import type { OffsetRange } from './offsets.ts';
import type { LogRecord, OutgoingRecord } from './record.ts';

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
}

/** Another producer's record in a dead-letters topic. */
export interface ForeignRecord {
  readonly record: LogRecord;
  /** Why it is not a dead letter of the topic. */
  readonly reason: string;
}

/** @param topic that the records were refused from */
export function parseDeadLetter(topic: string, record: LogRecord): ParsedDeadLetter | ForeignRecord {
  const texts = new Map<string, string>();
  for (const name of Object.values(deadLetterHeader)) {
    // The last is ours: the refused record may have headers of these names too.
    const value = record.headers.findLast(([candidate]) => candidate === name)?.[1];
    if (value === undefined) return { record, reason: `header ${name} is missing` };
    texts.set(name, new TextDecoder().decode(value));
  }
  const text = (name: string): string => texts.get(name) ?? '';
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
  };
}

export function isDeadLetter(entry: ParsedDeadLetter | ForeignRecord): entry is ParsedDeadLetter {
  return 'facts' in entry;
}

export function isForeign(entry: ParsedDeadLetter | ForeignRecord): entry is ForeignRecord {
  return 'reason' in entry;
}

/** The refused record, byte for byte: the last header of each name that its dead letter added is removed. */
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

import { deadLetterHeader } from '../names.ts';
import type { OffsetRange } from './offsets.ts';
import type { LogRecord, OutgoingRecord } from './record.ts';

/** What the headers of a dead letter say about the record that it was. */
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

export interface ReadLetter {
  readonly record: LogRecord;
  readonly facts: DeadLetterFacts;
}

/** Somebody else's record in a dead-letters topic. */
export interface StrayRecord {
  readonly record: LogRecord;
  /** Why it is no dead letter of the topic. */
  readonly stray: string;
}

/** @param topic that the records were refused from */
export function readLetter(topic: string, record: LogRecord): ReadLetter | StrayRecord {
  const texts = new Map<string, string>();
  for (const name of Object.values(deadLetterHeader)) {
    // The last is ours: the refused record may have brought headers of these names along.
    const value = record.headers.findLast(([candidate]) => candidate === name)?.[1];
    if (value === undefined) return { record, stray: `header ${name} is missing` };
    texts.set(name, new TextDecoder().decode(value));
  }
  const text = (name: string): string => texts.get(name) ?? '';
  const partition = text(deadLetterHeader.partition);
  const offset = text(deadLetterHeader.offset);
  if (!isCount(partition)) return { record, stray: `${deadLetterHeader.partition} is not a partition` };
  if (!isCount(offset)) return { record, stray: `${deadLetterHeader.offset} is not an offset` };
  if (text(deadLetterHeader.topic) !== topic) return { record, stray: `it comes from another topic` };
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

export function isLetter(letter: ReadLetter | StrayRecord): letter is ReadLetter {
  return 'facts' in letter;
}

export function isStray(letter: ReadLetter | StrayRecord): letter is StrayRecord {
  return 'stray' in letter;
}

/** The refused record, byte for byte: of each header that its dead letter added, the last one goes. */
export function replayRecord({ key, value, headers }: LogRecord): OutgoingRecord {
  const added = new Set(
    Object.values(deadLetterHeader).map((name) => headers.findLastIndex(([candidate]) => candidate === name)),
  );
  return { key, value, headers: headers.filter((_, i) => !added.has(i)) };
}

/** Next offset to replay, by partition; a partition of which none was ever replayed has no entry. */
export type ReplayPositions = ReadonlyMap<number, number>;

export function isReplayed({ partition, offset }: LogRecord, positions: ReplayPositions): boolean {
  return offset < (positions.get(partition) ?? 0);
}

/**
 * The broker forgets positions that are older than its `offsets.retention.minutes`. A younger letter without a position
 * was not replayed; of an older one nobody knows.
 */
export function isUnproven(
  { partition, timestamp }: LogRecord,
  positions: ReplayPositions,
  forgottenBeforeMs: number,
): boolean {
  return !positions.has(partition) && Number(timestamp) <= forgottenBeforeMs;
}

/** What of the ranges has not been replayed. */
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

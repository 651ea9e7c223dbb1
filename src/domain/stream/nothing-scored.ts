import type { LogRecord } from '../log/record.ts';
import { deadLettersTopic } from '../names.ts';

/** A record that could not be scored, for people. */
export interface BadRecord {
  readonly partition: number;
  readonly offset: number;
  /** Type and message, with the record's place. */
  readonly reason: string;
  /** The beginning of its value, printable. */
  readonly value: string;
}

const MAX_REASON_CHARS = 300;
const MAX_VALUE_CHARS = 80;
/** Of UTF-8, at most four a character. */
const MAX_VALUE_BYTES = 4 * MAX_VALUE_CHARS;

type Sampled = Pick<LogRecord, 'partition' | 'offset' | 'value'>;

export function sampleBadRecord({ partition, offset, value }: Sampled, error: Error): BadRecord {
  const text = value === null ? null : new TextDecoder().decode(value.subarray(0, MAX_VALUE_BYTES));
  return {
    partition,
    offset,
    reason: printable(`${error.name}: ${error.message}`, MAX_REASON_CHARS),
    value: text === null ? 'no value' : text === '' ? 'an empty value' : printable(text, MAX_VALUE_CHARS),
  };
}

/** Not even one record of those that were read; a stream that read none has not failed. */
export function hasScoredNothing({ predicted, deadLettered }: Counts): boolean {
  return predicted === 0 && deadLettered > 0;
}

interface Counts {
  readonly predicted: number;
  readonly deadLettered: number;
  readonly firstBad?: BadRecord;
}

/** While nothing was scored, the first bad record is kept; micro-batches end in any order. */
export function firstBadOf(counts: Counts, next: Counts): BadRecord | undefined {
  if (counts.predicted + next.predicted > 0) return undefined;
  const [a, b] = [counts.firstBad, next.firstBad];
  if (!a || !b) return a ?? b;
  return b.partition < a.partition || (b.partition === a.partition && b.offset < a.offset) ? b : a;
}

export function describeNothingScored(topic: string, { deadLettered, firstBad }: Counts): string {
  const first = firstBad ? `; the first: ${firstBad.reason}; its value begins with ${firstBad.value}` : '';
  return `none of ${deadLettered} records could be scored, all are in ${deadLettersTopic(topic)}${first}`;
}

/** Line breaks, terminal codes and bytes that are no text would spoil a line. */
function printable(text: string, maxChars: number): string {
  const shown = text.replaceAll(/[\p{C}\p{Zl}\p{Zp}\u{FFFD}]/gu, '·');
  const chars = [...shown];
  return chars.length > maxChars ? `${chars.slice(0, maxChars).join('')}…` : shown;
}

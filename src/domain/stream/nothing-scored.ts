import type { DeadLetter } from '../log/dead-letter.ts';
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
const MAX_VALUE_BYTES = 4 * (MAX_VALUE_CHARS + 1);

type Sampled = Pick<DeadLetter, 'partition' | 'offset' | 'value' | 'errorType' | 'errorMessage'>;

export function sampleBadRecord({ partition, offset, value, errorType, errorMessage }: Sampled): BadRecord {
  const text = value && new TextDecoder().decode(value.subarray(0, MAX_VALUE_BYTES));
  return {
    partition,
    offset,
    reason: printable(`${errorType}: ${errorMessage}`, MAX_REASON_CHARS),
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
  // Twice as many: a character may be two units.
  const start = text.slice(0, 2 * maxChars + 2).replaceAll(/[\p{C}\p{Zl}\p{Zp}\u{FFFD}]/gu, '·');
  const chars = Array.from(start);
  return chars.length > maxChars ? `${chars.slice(0, maxChars).join('')}…` : start;
}

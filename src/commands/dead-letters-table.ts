import Table from 'cli-table3';
import { isStray, type ReadLetter, type StrayRecord } from '../domain/dead-letter.ts';
import { deadLettersTopic } from '../domain/names.ts';
import { printableBytes, printableText } from './printable.ts';

/** A line between all rows is more frame than content. */
const COMPACT = { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' } as const;
const REASON_CHARS = 100;
const VALUE_CHARS = 60;

export interface ListedLetter {
  readonly letter: ReadLetter | StrayRecord;
  readonly isReplayed: boolean;
}

/** Each letter in two lines: why it was refused, and how its value begins. */
export function lettersTable(topic: string, listed: readonly ListedLetter[]): string {
  const table = new Table({
    chars: COMPACT,
    head: [deadLettersTopic(topic), 'from', 'refused at', 'why, and its value', 'replayed'],
    style: { head: [], border: [] },
  });
  for (const { letter, isReplayed } of listed) {
    const { partition, offset, timestamp, value } = letter.record;
    const shown = value === null ? 'no value' : printableBytes(value, VALUE_CHARS);
    const row = isStray(letter)
      ? ['', describeTime(timestamp), `no dead letter of ${topic}: ${letter.stray}\n${shown}`, '–']
      : [
          place(letter.facts.topic, letter.facts),
          describeTime(timestamp),
          `${printableText(letter.facts.errorType, REASON_CHARS)}: ${printableText(letter.facts.errorMessage, REASON_CHARS)}\n${shown}`,
          isReplayed ? 'yes' : 'no',
        ];
    table.push([`[${partition}]@${offset}`, ...row]);
  }
  return table.toString();
}

export function place(
  topic: string,
  { partition, offset }: { readonly partition: number; readonly offset: number },
): string {
  return `${topic}[${partition}]@${offset}`;
}

/** Kafka allows producers any 64 bits for a time. */
function describeTime(timestamp: string): string {
  const date = new Date(Number(timestamp));
  return Number.isNaN(date.getTime()) ? 'unknown' : date.toISOString().replace(/\.\d+Z$/, 'Z');
}

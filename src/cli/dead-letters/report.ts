import Table from 'cli-table3';
import { isStray, type ReadLetter, type StrayRecord } from '../../domain/log/dead-letter.ts';
import { deadLettersTopic } from '../../domain/names.ts';
import { printableBytes, printableText } from '../shared/printable.ts';

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

function place(
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

const number = new Intl.NumberFormat('en-US');
/** Of what a replay left alone or would send; the list has all. */
export const MAX_SHOWN = 50;

export interface ReplayOptions {
  readonly dryRun?: true;
  /** The operator says so: what is too old to prove it was not replayed either. */
  readonly first?: true;
  readonly json?: true;
}

/** What is in a dead-letters topic and is no dead letter of it: a replay passes over it, once and for all. */
export interface LeftAlone {
  readonly place: string;
  readonly reason: string;
}

export function toLeftAlone(topic: string, { record, stray }: StrayRecord): LeftAlone {
  return { place: place(deadLettersTopic(topic), record), reason: stray };
}

/** What a replay finds before it sends anything. */
export interface Awaiting {
  readonly letters: number;
  readonly unproven: number;
  readonly first: readonly ReadLetter[];
  readonly leftAlone: readonly LeftAlone[];
}

export interface Outcome {
  readonly replayed: number;
  readonly awaiting: number;
  readonly leftAlone: readonly LeftAlone[];
}

export function showDryRun(
  topic: string,
  options: ReplayOptions,
  { letters, unproven, first, leftAlone }: Awaiting,
): void {
  const out = options.json ? process.stderr : process.stdout;
  if (first.length > 0) {
    out.write(
      `${lettersTable(
        topic,
        first.map((letter) => ({ letter, isReplayed: false })),
      )}\n`,
    );
  }
  const shown = first.length < letters ? ` (the first ${number.format(first.length)} are shown)` : '';
  const old = unproven > 0 && !options.first ? `, but ${number.format(unproven)} only with --first` : '';
  const sentence = `Would replay ${count(letters)} to ${topic}${old}${shown}`;
  report(topic, options, sentence, { replayed: 0, awaiting: letters, leftAlone });
}

export function describeOutcome(topic: string, { replayed, awaiting }: Outcome): string {
  if (awaiting === 0) return `No dead letters of ${topic} await replay`;
  const others = replayed < awaiting ? '; another replay sent the rest' : '';
  return `Replayed ${number.format(replayed)} of ${count(awaiting)} to ${topic}${others}`;
}

export function report(
  topic: string,
  { json, dryRun }: ReplayOptions,
  sentence: string,
  outcome: Outcome,
): void {
  const { replayed, awaiting, leftAlone } = outcome;
  for (const { place, reason } of leftAlone.slice(0, MAX_SHOWN)) {
    process.stderr.write(`left alone: ${place}: ${reason}\n`);
  }
  (json ? process.stderr : process.stdout).write(`${sentence}\n`);
  if (json) {
    const facts = { topic, dryRun: dryRun === true, replayed, awaiting, leftAlone };
    process.stdout.write(`${JSON.stringify(facts)}\n`);
  }
}

export function count(letters: number): string {
  return `${number.format(letters)} dead letter${letters === 1 ? '' : 's'}`;
}

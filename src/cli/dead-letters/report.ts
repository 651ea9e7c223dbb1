import {
  isCut,
  isForeign,
  reasonToLeave,
  type ParsedDeadLetter,
  type ForeignRecord,
} from '../../domain/log/dead-letter.ts';
import { deadLettersTopic } from '../../domain/names.ts';
import { counted } from '../../domain/text.ts';
import { type JsonOption, number, print, printJson, table } from '../shared/output.ts';
import { printableBytes, printableText } from '../shared/text.ts';

const REASON_CHARS = 100;
const VALUE_CHARS = 60;

export interface ListedRecord {
  readonly entry: ParsedDeadLetter | ForeignRecord;
  readonly isReplayed: boolean;
}

/** Each record in two lines: why it was refused, and how its value begins. */
export function deadLetterTable(topic: string, listed: readonly ListedRecord[]): string {
  const rows = listed.map(({ entry, isReplayed }) => {
    const { partition, offset, timestamp, value } = entry.record;
    const shown = value === null ? 'no value' : printableBytes(value, VALUE_CHARS);
    const facts = isForeign(entry)
      ? ['', describeTime(timestamp), `not a dead letter of ${topic}: ${entry.reason}\n${shown}`, '–']
      : [
          place(entry.facts.topic, entry.facts),
          describeTime(timestamp),
          `${printableText(entry.facts.errorType, REASON_CHARS)}: ${printableText(entry.facts.errorMessage, REASON_CHARS)}\n${shown}`,
          isCut(entry) ? 'cut short' : isReplayed ? 'yes' : 'no',
        ];
    return [`[${partition}]@${offset}`, ...facts];
  });
  return table(rows, {
    head: [deadLettersTopic(topic), 'from', 'refused at', 'reason and value', 'replayed'],
  });
}

function place(
  topic: string,
  { partition, offset }: { readonly partition: number; readonly offset: number },
): string {
  return `${topic}[${partition}]@${offset}`;
}

/** A producer may send any 64 bits as a time. */
function describeTime(timestamp: string): string {
  const date = new Date(Number(timestamp));
  return Number.isNaN(date.getTime()) ? 'unknown' : date.toISOString().replace(/\.\d+Z$/, 'Z');
}

/** Of the records that a replay would send or leaves alone; the list has all. */
export const MAX_SHOWN = 50;

export interface ReplayOptions extends JsonOption {
  readonly dryRun?: true;
  /** The operator confirms that nothing was replayed before, which the broker no longer knows. */
  readonly first?: true;
}

/** A record of a dead-letters topic that every replay skips: it is no dead letter, or it is cut short. */
export interface LeftAlone {
  readonly place: string;
  readonly reason: string;
}

export function toLeftAlone(topic: string, entry: ParsedDeadLetter | ForeignRecord): LeftAlone[] {
  const reason = reasonToLeave(entry);
  return reason === undefined ? [] : [{ place: place(deadLettersTopic(topic), entry.record), reason }];
}

/** What a replay finds before it sends anything. */
export interface Awaiting {
  readonly deadLetters: number;
  /** Too old for the broker to know whether they were replayed. */
  readonly unproven: number;
  readonly first: readonly ParsedDeadLetter[];
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
  { deadLetters, unproven, first, leftAlone }: Awaiting,
): void {
  if (first.length > 0) {
    const listed = first.map((entry) => ({ entry, isReplayed: false }));
    print(deadLetterTable(topic, listed), options);
  }
  const shown = first.length < deadLetters ? ` (the first ${number(first.length)} are shown)` : '';
  const old = unproven > 0 && !options.first ? `, but ${number(unproven)} only with --first` : '';
  const sentence = `Would replay ${countDeadLetters(deadLetters)} to ${topic}${old}${shown}`;
  report(topic, options, sentence, { replayed: 0, awaiting: deadLetters, leftAlone });
}

export function describeOutcome(topic: string, { replayed, awaiting }: Outcome): string {
  if (awaiting === 0) return `No dead letters of ${topic} await replay`;
  const others = replayed < awaiting ? '; another replay sent the rest' : '';
  return `Replayed ${number(replayed)} of ${countDeadLetters(awaiting)} to ${topic}${others}`;
}

export function report(topic: string, options: ReplayOptions, sentence: string, outcome: Outcome): void {
  const { replayed, awaiting, leftAlone } = outcome;
  for (const { place, reason } of leftAlone.slice(0, MAX_SHOWN)) {
    process.stderr.write(`left alone: ${place}: ${reason}\n`);
  }
  print(sentence, options);
  printJson({ topic, dryRun: options.dryRun === true, replayed, awaiting, leftAlone }, options);
}

export function countDeadLetters(value: number): string {
  return counted(value, 'dead letter');
}

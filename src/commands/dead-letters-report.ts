import type { ReadLetter, StrayRecord } from '../domain/dead-letter.ts';
import { deadLettersTopic } from '../domain/names.ts';
import { lettersTable, place } from './dead-letters-table.ts';

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

import type { Redact } from './redaction.ts';
import { cutText } from './text.ts';

/**
 * Temporal replaces the failure of a pending activity that is larger than 4 kB by one without its type. This leaves
 * room for the names of Temporal's own fields.
 */
export const MAX_FAILURE_BYTES = 3_600;
/** The longest texts, tried one after the other until everything fits. */
const TEXT_BYTES = [1_000, 500, 250, 120];
const MAX_TYPE_CHARS = 80;
/** Temporal's fields of one failure in a chain. */
const BYTES_PER_LEVEL = 60;
/** Ends a chain that leads back to itself. */
const MAX_LEVELS = 50;

/** One error of a chain of causes. */
export interface FailureLevel {
  readonly type: string;
  readonly message: string;
  readonly stack: string;
  readonly details: unknown[];
}

/**
 * An error with its causes, in at most {@link MAX_FAILURE_BYTES}. One that is larger keeps its type, facts and the
 * beginning of its message, its first cause and its root cause.
 *
 * @param create makes Temporal's failure
 * @param redact replaces secrets; a cut could leave a part of one that is not recognized
 */
export function boundFailure<Failure>(
  error: unknown,
  create: (level: FailureLevel, cause: Failure | undefined) => Failure,
  redact: Redact = (text) => text,
): Failure {
  const [first, ...causes] = boundLevels(levelsOf(error, redact));
  const cause = causes.reduceRight<Failure | undefined>((below, level) => create(level, below), undefined);
  return create(first, cause);
}

type Levels = [FailureLevel, ...FailureLevel[]];

function boundLevels(all: Levels): Levels {
  if (sizeOf(all) <= MAX_FAILURE_BYTES) return all;
  const [first, ...causes] = all;
  const ends = [...new Set([...causes.slice(0, 1), ...causes.slice(-1)])];
  for (const bytes of TEXT_BYTES) {
    const cut: Levels = [cutLevel(first, bytes), ...ends.map((level) => cutLevel(level, bytes))];
    if (sizeOf(cut) <= MAX_FAILURE_BYTES) return cut;
  }
  const shortest = Math.min(...TEXT_BYTES);
  const bare = (level: FailureLevel): FailureLevel => ({ ...cutLevel(level, shortest), details: [] });
  return [bare(first), ...ends.map(bare)];
}

function levelsOf(error: unknown, redact: Redact): Levels {
  const levelOf = (one: unknown): FailureLevel => mapTexts(toLevel(one), redact) as FailureLevel;
  const levels: Levels = [levelOf(error)];
  let cause = causeOf(error);
  while (cause instanceof Error && levels.length < MAX_LEVELS) {
    levels.push(levelOf(cause));
    cause = causeOf(cause);
  }
  return levels;
}

function causeOf(error: unknown): unknown {
  return error instanceof Error ? error.cause : undefined;
}

function toLevel(error: unknown): FailureLevel {
  if (!(error instanceof Error)) return { type: 'Error', message: String(error), stack: '', details: [] };
  const { name, message, stack = '' } = error;
  const { type, details, facts, code } = error as {
    readonly type?: unknown;
    readonly details?: unknown;
    readonly facts?: unknown;
    readonly code?: unknown;
  };
  const isFailure = name === 'ApplicationFailure';
  return {
    type: (isFailure && typeof type === 'string' ? type : name).slice(0, MAX_TYPE_CHARS),
    // Node's error for several addresses has a code only.
    message: message || (typeof code === 'string' ? code : ''),
    stack,
    details: isFailure && Array.isArray(details) ? details : facts === undefined ? [] : [facts],
  };
}

function cutLevel({ type, message, stack, details }: FailureLevel, bytes: number): FailureLevel {
  return {
    type,
    message: cutText(message, bytes),
    stack: cutText(framesOf(stack), bytes),
    details: details.map((detail) => mapTexts(detail, (text) => cutText(text, bytes))),
  };
}

/** A stack begins with the message, which the failure has already. */
function framesOf(stack: string): string {
  return stack
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .join('\n');
}

function mapTexts(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((inner) => mapTexts(inner, change));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, mapTexts(inner, change)]));
}

function sizeOf(levels: readonly FailureLevel[]): number {
  const texts = levels.flatMap(({ type, message, stack, details }) => [
    type,
    message,
    stack,
    details.length === 0 ? '' : JSON.stringify(details),
  ]);
  return levels.length * BYTES_PER_LEVEL + new TextEncoder().encode(texts.join('')).length;
}

import { isDeepStrictEqual } from 'node:util';
import { printableText } from './printable.ts';
import { isObject } from './run-input.ts';

const MAX_VALUE_CHARS = 80;

export interface Difference {
  /** `input.forest.trees` */
  readonly field: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** Field by field; lists are compared as a whole. */
export function findDifferences(before: object, after: object): Difference[] {
  const old = new Map(flatten(before));
  const now = new Map(flatten(after));
  return [...new Set([...old.keys(), ...now.keys()])]
    .map((field) => ({ field, before: old.get(field), after: now.get(field) }))
    .filter((difference) => !isDeepStrictEqual(difference.before, difference.after));
}

/** `at: 02:00 → 03:30` */
export function describeDifference({ field, before, after }: Difference): string {
  return `${field}: ${toText(before)} → ${toText(after)}`;
}

function flatten(value: object, prefix = ''): [field: string, value: unknown][] {
  return Object.entries(value).flatMap(([key, inner]: [string, unknown]): [string, unknown][] =>
    isObject(inner) ? flatten(inner, `${prefix}${key}.`) : [[prefix + key, inner]],
  );
}

function toText(value: unknown): string {
  if (value === undefined || value === '') return '(none)';
  const parts = Array.isArray(value) ? (value as unknown[]) : [value];
  const text = parts.map((part) => (typeof part === 'string' ? part : JSON.stringify(part))).join(', ');
  return printableText(text, MAX_VALUE_CHARS);
}

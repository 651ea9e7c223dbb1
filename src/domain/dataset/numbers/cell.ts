import type { Row } from '../csv/row.ts';
import { readDigits, type Digits } from './digits.ts';

export type Minus = 'before' | 'at the end' | 'in parentheses';

/** A cell that may be a number: its digits, and what is around them. */
export interface Cell extends Digits {
  /** Before the digits, without signs and spaces: `$`; mostly empty. */
  currency: string;
  /** After the digits, with the space between: ` min`; mostly empty. */
  suffix: string;
  /** Where the minus is; null: the number is not negative. */
  minus: Minus | null;
}

/** Longer cells are no numbers. */
export const MAX_NUMBER_CHARS = 64;
const MAX_PREFIX_CHARS = 8;
/** Hyphen-minus, minus, hyphens, dashes, and their small and wide forms. */
const MINUS = /^[-\u2212\u2010-\u2015\uFE58\uFE63\uFF0D]$/;
const MARKS = /[-\u2212\u2010-\u2015\uFE58\uFE63\uFF0D+\uFF0B(]/g;
const EXPONENT = /^e[-+\u2212]?\d+(?![\p{L}\d])/iu;
const APOSTROPHES = "'’‘ʼ`´";
const SPACE = /\s/;
const POINT_AT_END = /^\.(?:[\s)]|$)/;

/**
 * Whether it begins with a letter and no digit is near, so that {@link readCell} would find no number. Spares most cells
 * of text a string of their own.
 */
export function beginsWithWord(row: Row, cell: number): boolean {
  const { units } = row;
  const start = row.starts[cell] as number;
  const end = Math.min(row.ends[cell] as number, start + MAX_PREFIX_CHARS + 1);
  if (start >= end || !isLetter(units[start] as number)) return false;
  for (let at = start + 1; at < end; at += 1) if (isDigitUnit(units[at] as number)) return false;
  return true;
}

/** Reads what {@link readPlain} does not. False: the text is no number in any notation. */
export function readCell(text: string, into: Cell): boolean {
  if (text.length > MAX_NUMBER_CHARS) return false;
  const start = startOfDigits(text);
  if (start === -1) return false;
  const end = endOfDigits(text, start);
  const exponent = /[eE]/.test(text.charAt(end)) ? (EXPONENT.exec(text.slice(end))?.[0] ?? '') : '';
  if (!readDigits(inOneSpelling(text, start, end) + exponent.replace('\u2212', '-'), into)) return false;

  const before = text.slice(0, start);
  const marks = before.match(MARKS) ?? [];
  if (marks.length > 1) return false;
  into.currency = before === '' ? '' : before.replaceAll(MARKS, '').replaceAll(/\s/g, '');
  into.suffix = text.slice(end + exponent.length);
  into.minus = null;
  const [mark = ''] = marks;
  if (mark === '(') {
    if (!closeParenthesis(into)) return false;
    into.minus = 'in parentheses';
  } else if (mark === '' && into.suffix !== '' && MINUS.test(into.suffix.trim())) {
    into.suffix = '';
    into.minus = 'at the end';
  } else if (MINUS.test(mark)) into.minus = 'before';
  if (into.minus !== null) into.value = -into.value;
  return true;
}

/** The closing parenthesis follows the digits, `(5) %`, or the unit, `(5 %)`. */
function closeParenthesis(into: Cell): boolean {
  const { suffix } = into;
  if (suffix.startsWith(')')) into.suffix = suffix.slice(1);
  else if (suffix.endsWith(')')) into.suffix = suffix.slice(0, -1);
  else return false;
  return true;
}

/** Where the first digit is, or the decimal sign before it; -1: too far away. */
function startOfDigits(text: string): number {
  const limit = Math.min(text.length, MAX_PREFIX_CHARS + 1);
  for (let at = 0; at < limit; at += 1) {
    if (!isDigit(text, at)) continue;
    if (at === 0 || !/[.,]/.test(text.charAt(at - 1))) return at;
    // The point of `Rs.300` is none of the number's.
    return /\p{L}/u.test(text.charAt(at - 2)) ? at : at - 1;
  }
  return -1;
}

/** After the last digit, or the point of `5.`: a separator is between two digits. */
function endOfDigits(text: string, start: number): number {
  let at = start + 1;
  while (isDigit(text, at) || (isDigit(text, at + 1) && isSeparator(text.charAt(at)))) at += 1;
  return text.charAt(at) === '.' && POINT_AT_END.test(text.slice(at)) ? at + 1 : at;
}

/** Its spaces and apostrophes as {@link readDigits} takes them. */
function inOneSpelling(text: string, start: number, end: number): string {
  let body = '';
  let from = start;
  for (let at = start; at < end; at += 1) {
    if (isDigit(text, at) || /[.,]/.test(text.charAt(at))) continue;
    body += `${text.slice(from, at)}${SPACE.test(text.charAt(at)) ? ' ' : "'"}`;
    from = at + 1;
  }
  return body + text.slice(from, end);
}

function isSeparator(char: string): boolean {
  return char === '.' || char === ',' || APOSTROPHES.includes(char) || SPACE.test(char);
}

function isDigit(text: string, at: number): boolean {
  return isDigitUnit(text.charCodeAt(at));
}

function isDigitUnit(unit: number): boolean {
  return unit >= 48 && unit <= 57;
}

/** Of the Latin alphabet. */
function isLetter(unit: number): boolean {
  const lower = unit | 32;
  return lower >= 97 && lower <= 122;
}

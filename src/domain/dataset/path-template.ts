import { padded, type LocalTime } from './local-time.ts';

/** Unicode's date tokens. */
const TOKENS: Readonly<Record<string, (time: LocalTime) => string>> = {
  yyyy: ({ year }) => padded(year, 4),
  MM: ({ month }) => padded(month, 2),
  dd: ({ day }) => padded(day, 2),
  HH: ({ hour }) => padded(hour, 2),
};
const EXPECTED = 'expected yyyy, MM, dd or HH';

/** `{yyyy-MM-dd}`, or `{yyyy-MM-dd,-1d}` for the day before. */
export interface DatePart {
  /** Tokens and the text between them. */
  readonly pattern: readonly string[];
  /** Calendar days to add to the time. */
  readonly days: number;
}

export interface PathTemplate {
  readonly parts: readonly (string | DatePart)[];
  /** One sentence each; `parts` is valid only when there are none. */
  readonly problems: readonly string[];
}

/** `movies-{yyyy-MM-dd}.csv`, `{yyyy}/{MM}/{dd}.csv`; a path without braces is itself. */
export function parsePathTemplate(path: string): PathTemplate {
  const problems: string[] = [];
  const parts = path.split(/(\{[^{}]*\})/).map((piece) => {
    const [, inner] = /^\{(.*)\}$/.exec(piece) ?? [];
    if (inner !== undefined) return parseDatePart(inner, problems);
    if (/[{}]/.test(piece)) problems.push(`unmatched brace in "${piece}"`);
    return piece;
  });
  return { parts, problems };
}

export function hasDateParts(path: string): boolean {
  return parsePathTemplate(path).parts.some((part) => typeof part !== 'string');
}

/** @param read the path's time plus that many calendar days */
export function fillPath({ parts }: PathTemplate, read: (days: number) => LocalTime): string {
  return parts
    .map((part) => {
      if (typeof part === 'string') return part;
      const time = read(part.days);
      return part.pattern.map((token) => TOKENS[token]?.(time) ?? token).join('');
    })
    .join('');
}

function parseDatePart(inner: string, problems: string[]): DatePart {
  const [text = '', ...offsets] = inner.split(',');
  const [, days = '0'] = /^([+-]\d{1,4})d$/.exec(offsets[0] ?? '+0d') ?? [];
  if (offsets.length > 1 || !/^[+-]\d{1,4}d$/.test(offsets[0] ?? '+0d')) {
    problems.push(`wrong offset "${offsets.join(',')}" in {${inner}}, expected days like -1d`);
  }
  // Equal letters are one token: yyyyMMdd is three.
  const pattern = text.match(/([A-Za-z])\1*|[^A-Za-z]+/g) ?? [];
  const tokens = pattern.filter((piece) => /^[A-Za-z]/.test(piece));
  if (tokens.length === 0) problems.push(`no date token in {${inner}}, ${EXPECTED}`);
  for (const token of tokens) {
    if (!Object.hasOwn(TOKENS, token)) {
      problems.push(`unknown date token "${token}" in {${inner}}, ${EXPECTED}`);
    }
  }
  return { pattern, days: Number(days) };
}

import type { Row } from '../csv/row.ts';

/** Before the decimals. */
export type DecimalSign = '.' | ',';
/** Between groups of digits; all spaces are one separator, and so are all apostrophes. */
export type Thousands = DecimalSign | "'" | ' ';

/** What the digits of one cell tell about the notation of its column. */
export interface Shape {
  /** Null: no decimals. */
  readonly decimal: DecimalSign | null;
  readonly thousands: Thousands | null;
  /** In `1,234` the comma: thousands, unless it is the decimal sign. */
  readonly either: DecimalSign | null;
  /** Decimals that are written as needed end in no zero, so `1,230` is rather thousands. */
  readonly endsInZero: boolean;
  /** `0.125` has three decimals, as `1.234` may have. */
  readonly threeDecimals: boolean;
  /** A whole number without a separator; one above 999 shows that the column has large numbers without. */
  readonly bare: 'zero' | 'up to 999' | 'above 999' | null;
}

const PLAIN: Shape = {
  ...{ decimal: null, thousands: null, either: null, endsInZero: false, threeDecimals: false, bare: null },
};

/** Cells are stored with the index of their shape. The first one is `1e5`, which tells nothing. */
export const SHAPES: readonly Shape[] = [
  PLAIN,
  { ...PLAIN, bare: 'zero' },
  { ...PLAIN, bare: 'up to 999' },
  { ...PLAIN, bare: 'above 999' },
  ...(['.', ','] as const).flatMap((sign) => [
    { ...PLAIN, decimal: sign },
    { ...PLAIN, decimal: sign, threeDecimals: true },
    { ...PLAIN, either: sign },
    { ...PLAIN, either: sign, endsInZero: true },
  ]),
  ...(['.', ',', "'", ' '] as const).flatMap((thousands) =>
    ([null, '.', ','] as const)
      .filter((decimal) => decimal !== thousands)
      .map((decimal) => ({ ...PLAIN, thousands, decimal })),
  ),
];

const INDEXES: ReadonlyMap<string, number> = new Map(SHAPES.map((shape, index) => [keyOf(shape), index]));

function keyOf({ decimal, thousands, either, endsInZero, threeDecimals, bare }: Shape): string {
  return `${thousands ?? 'none'} ${decimal ?? 'none'} ${either ?? 'none'} ${endsInZero} ${threeDecimals} ${bare ?? ''}`;
}

function indexOf(shape: Partial<Shape>): number {
  return INDEXES.get(keyOf({ ...PLAIN, ...shape })) as number;
}

const EXPONENT = indexOf({});
const ZERO = indexOf({ bare: 'zero' });
const SMALL = indexOf({ bare: 'up to 999' });
const LARGE = indexOf({ bare: 'above 999' });
const OF_SIGN = {
  '.': signIndexes('.'),
  ',': signIndexes(','),
} as const;

const THOUSANDS = {
  '.': thousandsIndexes('.'),
  ',': thousandsIndexes(','),
  "'": thousandsIndexes("'"),
  ' ': thousandsIndexes(' '),
};

function thousandsIndexes(thousands: Thousands) {
  return {
    none: indexOf({ thousands }),
    '.': indexOf({ thousands, decimal: '.' }),
    ',': indexOf({ thousands, decimal: ',' }),
  };
}

function signIndexes(sign: DecimalSign) {
  return {
    decimal: indexOf({ decimal: sign }),
    three: indexOf({ decimal: sign, threeDecimals: true }),
    either: indexOf({ either: sign }),
    eitherWithZero: indexOf({ either: sign, endsInZero: true }),
  };
}

/** One object is filled again and again, because a file has millions of cells. */
export interface Digits {
  /** If the shape is `either`, its reading as thousands: the other one is a thousandth of it. */
  value: number;
  /** Index in SHAPES. */
  shape: number;
}

const MINUS = 45;
const DIGIT_ZERO = 48;
/** As distances from the digit 0. */
const POINT = 46 - DIGIT_ZERO;
const COMMA = 44 - DIGIT_ZERO;
/** As many digits make a whole number that a double holds exactly. */
const EXACT_DIGITS = 15;
const POWERS_OF_TEN = Array.from({ length: EXACT_DIGITS + 1 }, (_, digits) => Number(`1e${digits}`));

/** Reads `-12.5` or `3,7`, as most cells are, without allocating memory. False: look closer. */
export function readPlain(row: Row, cell: number, into: Digits): boolean {
  const { units } = row;
  const end = row.ends[cell] as number;
  let start = row.starts[cell] as number;
  const isNegative = start < end && units[start] === MINUS;
  if (isNegative) start += 1;
  let mantissa = 0;
  let separator = -1;
  for (let at = start; at < end; at += 1) {
    const digit = (units[at] as number) - DIGIT_ZERO;
    if (digit >= 0 && digit <= 9) mantissa = mantissa * 10 + digit;
    else if ((digit === POINT || digit === COMMA) && separator === -1) separator = at;
    else return false;
  }
  const digits = end - start - (separator === -1 ? 0 : 1);
  if (digits <= 0) return false;
  if (digits > EXACT_DIGITS) return readLong(row.cell(cell), into);
  if (separator === -1) {
    into.shape = bareIndex(mantissa);
    into.value = isNegative ? -mantissa : mantissa;
    return true;
  }
  const isPoint = units[separator] === POINT + DIGIT_ZERO;
  const decimals = end - separator - 1;
  if (decimals === 0 && !isPoint) return false;
  const sign = isPoint ? OF_SIGN['.'] : OF_SIGN[','];
  const before = separator - start;
  let value = mantissa;
  if (decimals === 3 && before > 0 && before < 4 && units[start] !== DIGIT_ZERO) {
    // Thousands, or three decimals.
    into.shape = mantissa % 10 === 0 ? sign.eitherWithZero : sign.either;
  } else {
    into.shape = decimals === 3 ? sign.three : sign.decimal;
    // The quotient of two exact doubles is the nearest one to the decimal number, as Number(text) is.
    value = mantissa / (POWERS_OF_TEN[decimals] as number);
  }
  into.value = isNegative ? -value : value;
  return true;
}

/** More digits than a quotient of doubles is exact for. */
function readLong(text: string, into: Digits): boolean {
  const separator = text.search(/[.,]/);
  const isPoint = text.charAt(separator) === '.';
  const decimals = text.length - separator - 1;
  if (separator === -1) into.shape = LARGE;
  else into.shape = OF_SIGN[isPoint ? '.' : ','][decimals === 3 ? 'three' : 'decimal'];
  into.value = Number(isPoint ? text : text.replace(',', '.'));
  return Number.isFinite(into.value) && into.value !== 0;
}

function bareIndex(value: number): number {
  if (value === 0) return ZERO;
  return value > 999 ? LARGE : SMALL;
}

const BODY = /^([\d.,' ]+)(e[+-]?\d+)?$/i;

/** Digits with any separators and no sign, spaces and apostrophes in one spelling. False: no number. */
export function readDigits(text: string, into: Digits): boolean {
  const [, body, exponent = ''] = BODY.exec(text) ?? [];
  if (body === undefined) return false;
  const groups: string[] = [];
  let separators = '';
  let from = 0;
  for (let at = 0; at < body.length; at += 1) {
    const code = body.charCodeAt(at);
    if (code >= DIGIT_ZERO) continue;
    groups.push(body.slice(from, at));
    separators += body.charAt(at);
    from = at + 1;
  }
  groups.push(body.slice(from));
  const read = readGroups(groups, separators, exponent !== '');
  if (read === null) return false;
  into.value = Number(read.digits + exponent);
  into.shape = read.shape ?? (exponent === '' ? bareIndex(into.value) : EXPONENT);
  return Number.isFinite(into.value);
}

/** The digits as Number() takes them; no shape: a whole number without separators. */
function readGroups(
  groups: readonly string[],
  separators: string,
  hasExponent: boolean,
): { readonly digits: string; readonly shape?: number } | null {
  const last = separators.at(-1);
  if (last === undefined) return { digits: groups.join('') };
  const hasDecimals = (last === '.' || last === ',') && separators.indexOf(last) === separators.length - 1;
  const decimals = hasDecimals ? (groups.at(-1) ?? '') : '';
  const whole = hasDecimals ? groups.slice(0, -1) : groups;
  if (hasDecimals && separators.length === 1) {
    if (groups.join('') === '' || (last === ',' && decimals === '')) return null;
    const { either, eitherWithZero, three, decimal } = OF_SIGN[last];
    if (!hasExponent && areThousands(groups, last)) {
      return { digits: groups.join(''), shape: decimals.endsWith('0') ? eitherWithZero : either };
    }
    return { digits: `${whole.join('')}.${decimals}`, shape: decimals.length === 3 ? three : decimal };
  }
  const thousands = separators.charAt(0) as Thousands;
  const between = hasDecimals ? separators.slice(0, -1) : separators;
  if (between !== thousands.repeat(between.length) || !areThousands(whole, thousands)) return null;
  return {
    digits: `${whole.join('')}.${decimals}`,
    shape: THOUSANDS[thousands][hasDecimals ? last : 'none'],
  };
}

/** `1,234,567`, and as in India `12,34,567`. */
function areThousands(groups: readonly string[], separator: string): boolean {
  const [first = '', ...others] = groups;
  if (first.length < 1 || first.length > 3 || first.startsWith('0')) return false;
  if (others.every(({ length }) => length === 3)) return true;
  const isLast = (i: number): boolean => i === others.length - 1;
  return (
    separator === ',' && first.length < 3 && others.every(({ length }, i) => length === (isLast(i) ? 3 : 2))
  );
}

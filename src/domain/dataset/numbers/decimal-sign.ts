import type { DecimalSign } from './digits.ts';
import { cellsLike, countOf, type UnitForm } from './units.ts';

export interface DecimalHints {
  /** `dataset.decimal`, which decides at once. */
  readonly decimal?: DecimalSign | undefined;
  /** Another column of the file that has a decimal comma: `"score" (3,7)`. */
  readonly commaElsewhere?: string | undefined;
}

export interface DecimalDecision {
  /** Null: no cell needs one. */
  readonly decimal: DecimalSign | null;
  /** Cells like `1,234` are too few to refuse the column, but there is no telling what they are. */
  readonly skipsEither: boolean;
}

/** Cells that contradict all the others are unreadable up to this share; above it, the whole column is. */
export const MAX_CONTRADICTING = 0.05;
/** The same for cells that may be read in two ways: they are often the large ones, so dropping them is no small loss. */
export const MAX_DOUBTFUL = 0.005;
/** Decimals of any length are rarely all of three digits: a lower share of others is rather an error. */
const MIN_OTHER_DECIMALS = 0.02;
/** Three fixed decimals leave no 21 bare, but an error may: a lower share of such cells is none of evidence. */
const MIN_SMALL = 0.02;
/** Of decimals that are written as needed, 0.9²⁰ = 12 % of such columns have three in each of so many cells. */
const MANY_CELLS = 20;
/** 1.234 is an ordinary number, so it takes as many such cells, and as many small ones, to show that it is not. */
const MIN_POINT_CELLS = 10;

/** Which sign is before the decimals of a column, from cells that have one reading only, or else from all together. */
export function decideDecimalSign(
  forms: readonly UnitForm[],
  { decimal, commaElsewhere }: DecimalHints,
): DecimalDecision | { readonly problem: string } {
  const tells = { '.': tellsOf(forms, '.'), ',': tellsOf(forms, ',') };
  const point = countOf(tells['.']);
  const comma = countOf(tells[',']);
  if (decimal !== undefined) {
    const against = tells[opposite(decimal)];
    if (countOf(against) > MAX_CONTRADICTING * countOf(forms)) {
      return { problem: `dataset.decimal is "${decimal}", but the column has ${cellsLike(against)}` };
    }
    return { decimal, skipsEither: false };
  }
  if (Math.min(point, comma) > MAX_CONTRADICTING * (point + comma)) {
    return {
      problem: `two decimal signs: ${cellsLike(tells['.'])}, ${cellsLike(tells[','])}; write all cells with one`,
    };
  }
  if (point + comma > 0) {
    const sign = point > comma ? '.' : ',';
    return contradictsItself(forms, sign) ? doubt(forms) : { decimal: sign, skipsEither: false };
  }
  return decideByEither(forms, commaElsewhere);
}

/** No cell has one reading only. */
function decideByEither(
  forms: readonly UnitForm[],
  commaElsewhere: string | undefined,
): DecimalDecision | { readonly problem: string } {
  const point = countOf(eitherOf(forms, '.'));
  const comma = countOf(eitherOf(forms, ','));
  if (point + comma === 0) return { decimal: null, skipsEither: false };
  // € 1.234 is rather thousands, while 1.234 and 1.234 % are what every program writes.
  const isOrdinary = commaElsewhere === undefined && forms.every(({ unit }) => unit === '' || unit === '%');
  if (comma === 0 && isOrdinary && !mayBeThousands(forms)) {
    return { decimal: '.', skipsEither: false };
  }
  if (point === 0 && areThousands(forms, comma)) return { decimal: '.', skipsEither: false };
  if (comma === 0 && areThousands(forms, point) && Math.min(point, smallOf(forms)) >= MIN_POINT_CELLS) {
    return { decimal: ',', skipsEither: false };
  }
  if (point + comma <= MAX_DOUBTFUL * countOf(forms)) return { decimal: null, skipsEither: true };
  return doubt(forms, commaElsewhere);
}

/** A column with separators of thousands holds no bare 1234. */
function mayBeThousands(forms: readonly UnitForm[]): boolean {
  return smallOf(forms) > 0 && countOf(bareOf(forms, 'above 999')) === 0;
}

/** @param either how many cells are like `1,234`; no cell tells more */
function areThousands(forms: readonly UnitForm[], either: number): boolean {
  const small = smallOf(forms);
  if (!mayBeThousands(forms) || small < MIN_SMALL * (small + either)) return false;
  const isMostlySmall = small >= Math.max(MIN_POINT_CELLS, 2 * either);
  return either >= MANY_CELLS || isMostlySmall || forms.some(({ shape }) => shape.endsInZero);
}

function smallOf(forms: readonly UnitForm[]): number {
  return countOf(bareOf(forms, 'up to 999'));
}

/** Few cells decide about many that look as if they were written otherwise. */
function contradictsItself(forms: readonly UnitForm[], sign: DecimalSign): boolean {
  if (forms.some(({ shape }) => shape.thousands === opposite(sign))) return false;
  const decimals = forms.filter(({ shape }) => shape.decimal === sign);
  const fewFor = (either: number): boolean =>
    either > 0 && countOf(decimals) < MIN_OTHER_DECIMALS * (countOf(decimals) + either);
  const hasSmall = smallOf(forms) > 0;
  // As thousands: without small numbers, 1,234 may as well have three fixed decimals.
  if (fewFor(countOf(eitherOf(forms, opposite(sign))))) return !hasSmall;
  if (!fewFor(countOf(eitherOf(forms, sign)))) return false;
  const areFixed = decimals.every(({ shape }) => shape.threeDecimals) || sign === '.';
  return hasSmall || !areFixed;
}

function doubt(forms: readonly UnitForm[], commaElsewhere?: string): { readonly problem: string } {
  const either = forms.filter(({ shape }) => shape.either !== null);
  const evidence =
    commaElsewhere === undefined
      ? 'the other cells do not tell'
      : `column ${commaElsewhere} has a decimal comma`;
  const sample = JSON.stringify(either[0]?.text ?? '');
  return {
    problem: `${sample} is thousands or has three decimals, and ${evidence}; set dataset.decimal`,
  };
}

function tellsOf(forms: readonly UnitForm[], sign: DecimalSign): UnitForm[] {
  return forms.filter(({ shape }) => shape.decimal === sign || shape.thousands === opposite(sign));
}

function eitherOf(forms: readonly UnitForm[], sign: DecimalSign): UnitForm[] {
  return forms.filter(({ shape }) => shape.either === sign);
}

function bareOf(forms: readonly UnitForm[], bare: 'up to 999' | 'above 999'): UnitForm[] {
  return forms.filter(({ shape }) => shape.bare === bare);
}

function opposite(sign: DecimalSign): DecimalSign {
  return sign === '.' ? ',' : '.';
}

import type { DecimalSign } from './digits.ts';
import { cellsLike, countOf, type Form } from './units.ts';

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
/** 1.234 is an ordinary number, so as many such cells, and as many whole ones below 1,000, show that it is not. */
const MIN_THOUSANDS_CELLS = 10;

/** Which sign is before the decimals of a column, from cells that have one reading only, or else from all together. */
export function decideDecimalSign(
  forms: readonly Form[],
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
  forms: readonly Form[],
  commaElsewhere: string | undefined,
): DecimalDecision | { readonly problem: string } {
  const point = countOf(eitherOf(forms, '.'));
  const comma = countOf(eitherOf(forms, ','));
  if (point + comma === 0) return { decimal: null, skipsEither: false };
  const small = countOf(bareOf(forms, 'up to 999'));
  // Three fixed decimals would leave no 21 bare, and whoever separates thousands leaves no 1234.
  const areThousands = small > 0 && countOf(bareOf(forms, 'above 999')) === 0;
  if (point === 0 && areThousands) return { decimal: '.', skipsEither: false };
  if (comma === 0 && areThousands && Math.min(point, small) >= MIN_THOUSANDS_CELLS) {
    return { decimal: ',', skipsEither: false };
  }
  if (comma === 0 && !areThousands && commaElsewhere === undefined) {
    return { decimal: '.', skipsEither: false };
  }
  if (point + comma <= MAX_DOUBTFUL * countOf(forms)) return { decimal: null, skipsEither: true };
  return doubt(forms, commaElsewhere);
}

/** Few cells decide about many that look as if they were written otherwise. */
function contradictsItself(forms: readonly Form[], sign: DecimalSign): boolean {
  if (forms.some(({ shape }) => shape.thousands === opposite(sign))) return false;
  const decimals = forms.filter(({ shape }) => shape.decimal === sign);
  const fewFor = (either: number): boolean =>
    either > 0 && countOf(decimals) < MIN_OTHER_DECIMALS * (countOf(decimals) + either);
  const hasSmall = bareOf(forms, 'up to 999').length > 0;
  // As thousands: without small numbers, 1,234 may as well have three fixed decimals.
  if (fewFor(countOf(eitherOf(forms, opposite(sign))))) return !hasSmall;
  if (!fewFor(countOf(eitherOf(forms, sign)))) return false;
  const areFixed = decimals.every(({ shape }) => shape.threeDecimals) || sign === '.';
  return hasSmall || !areFixed;
}

function doubt(forms: readonly Form[], commaElsewhere?: string): { readonly problem: string } {
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

function tellsOf(forms: readonly Form[], sign: DecimalSign): Form[] {
  return forms.filter(({ shape }) => shape.decimal === sign || shape.thousands === opposite(sign));
}

function eitherOf(forms: readonly Form[], sign: DecimalSign): Form[] {
  return forms.filter(({ shape }) => shape.either === sign);
}

function bareOf(forms: readonly Form[], bare: 'up to 999' | 'above 999'): Form[] {
  return forms.filter(({ shape }) => shape.bare === bare);
}

function opposite(sign: DecimalSign): DecimalSign {
  return sign === '.' ? ',' : '.';
}

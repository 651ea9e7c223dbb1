import type { Minus } from './cell.ts';
import {
  decideDecimalSign,
  MAX_CONTRADICTING,
  MAX_DOUBTFUL,
  type DecimalDecision,
  type DecimalHints,
} from './decimal-sign.ts';
import type { DecimalSign, Shape, Thousands } from './digits.ts';
import type { Notation } from './notation.ts';
import { cellsLike, countOf, groupByUnit, type Form, type UnitForm, type UnitGroup } from './units.ts';

/** What the notation of a column depends on. The order of its rows is no part of it. */
export interface Evidence {
  readonly forms: readonly Form[];
  /** Cells that are not missing, numbers or not. */
  readonly filled: number;
  /** Negative numbers by where their minus is. */
  readonly minuses: Readonly<Record<Minus, number>>;
}

/** How the cells of a form become values. */
export interface Reading {
  /** 1,234 is 1.234. */
  readonly isThousandth: boolean;
  /** Of ten: the value is multiplied by it. */
  readonly exponent: number;
}

export type Consensus =
  | { readonly kind: 'text' }
  | { readonly kind: 'problem'; readonly problem: string }
  | {
      readonly kind: 'numbers';
      /** By the code of the form; cells of other forms are unreadable. */
      readonly readings: ReadonlyMap<number, Reading>;
      readonly notation: Notation | null;
      readonly decimal: DecimalSign | null;
    };

/** Text that begins with digits has more of them: 12 Main Street, 7 Elm Road. */
const MAX_UNITS = 8;
const MAX_SHOWN = 3;

/** The notation that all cells of a column are read in, or why there is none. */
export function findConsensus({ forms, filled, minuses }: Evidence, hints: DecimalHints): Consensus {
  const numbers = countOf(forms);
  if (numbers <= filled - numbers) return { kind: 'text' };
  const [main, ...others] = groupByUnit(forms) as [UnitGroup, ...UnitGroup[]];
  const isDoubtful = main.isDoubtful || others.some((group) => group.isDoubtful);
  if (numbers - main.count > numbers * (isDoubtful ? MAX_DOUBTFUL : MAX_CONTRADICTING)) {
    const isText = others.length >= MAX_UNITS && main.count <= filled / 2;
    return isText ? { kind: 'text' } : { kind: 'problem', problem: describeMixture([main, ...others]) };
  }
  const minus = decideMinus(minuses, numbers - countOf(forms.filter(({ shape }) => shape.bare === 'zero')));
  if ('problem' in minus) return { kind: 'problem', ...minus };
  const decision = decideDecimalSign(main.forms, hints);
  if ('problem' in decision) return { kind: 'problem', ...decision };

  const read = main.forms.filter(({ shape }) => fits(shape, decision));
  return {
    kind: 'numbers',
    readings: new Map(read.map((form) => [form.code, toReading(form, decision)])),
    notation: toNotation(read, decision, minus.negatives),
    decimal: decision.decimal,
  };
}

function fits({ decimal, thousands, either }: Shape, sign: DecimalDecision): boolean {
  if (either !== null) return !sign.skipsEither;
  return (decimal === null || decimal === sign.decimal) && (thousands === null || thousands !== sign.decimal);
}

function toReading({ shape, applied }: UnitForm, { decimal }: DecimalDecision): Reading {
  return {
    isThousandth: shape.either !== null && shape.either === decimal,
    exponent: applied?.exponent ?? 0,
  };
}

/** Null: plain numbers. */
function toNotation(
  forms: readonly UnitForm[],
  { decimal }: DecimalDecision,
  negatives: Notation['negatives'],
): Notation | null {
  const separated = (sign: Thousands): number =>
    countOf(forms.filter(({ shape }) => (shape.thousands ?? shape.either) === sign && sign !== decimal));
  const [thousands = ','] = (['.', ',', "'", ' '] as const).toSorted((a, b) => separated(b) - separated(a));
  const hasDecimals = forms.some(({ shape }) => shape.decimal !== null || shape.either === decimal);
  const notation: Notation = {
    decimal: hasDecimals ? decimal : null,
    thousands: separated(thousands) > 0 ? thousands : null,
    unit: forms.find(({ unitText }) => unitText !== '')?.unitText ?? null,
    magnitudes: [...new Set(forms.flatMap(({ applied }) => applied?.text ?? []))].slice(0, MAX_SHOWN),
    negatives,
  };
  const isPlain =
    notation.decimal !== ',' &&
    notation.thousands === null &&
    notation.unit === null &&
    notation.magnitudes.length === 0 &&
    negatives === null;
  return isPlain ? null : notation;
}

/** @param nonzero how many numbers the column has but zeros */
function decideMinus(
  minuses: Evidence['minuses'],
  nonzero: number,
): { readonly negatives: Notation['negatives'] } | { readonly problem: string } {
  const [style, another] = (['at the end', 'in parentheses', 'before'] as const).filter(
    (place) => minuses[place] > 0,
  );
  if (style === undefined || style === 'before') return { negatives: null };
  if (another !== undefined) {
    return {
      problem: `two kinds of minus: ${style} (${minuses[style]} cells), ${another} (${minuses[another]} cells); write all in one way`,
    };
  }
  // Accounts have both; (1999) is rather a year.
  if (minuses[style] >= nonzero) return { problem: `every number has the minus ${style}: it may be none` };
  return { negatives: style };
}

function describeMixture(groups: readonly UnitGroup[]): string {
  const shown = groups.slice(0, MAX_SHOWN).map(({ forms }) => cellsLike(forms));
  const more = groups.length > MAX_SHOWN ? ` and ${groups.length - MAX_SHOWN} more` : '';
  return `mixed units: ${shown.join(', ')}${more}; write all cells in one unit`;
}

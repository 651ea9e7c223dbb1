import type { Affix, Magnitude } from './affix.ts';
import type { Shape } from './digits.ts';

/** Cells of one column that are written alike. */
export interface Form {
  /** What each of them is stored as. */
  readonly code: number;
  readonly shape: Shape;
  readonly affix: Affix;
  readonly count: number;
  /** The first of them. */
  readonly text: string;
}

/** A form whose magnitude is decided. */
export interface UnitForm extends Form {
  readonly unit: string;
  readonly unitText: string;
  /** Null: the letter is the unit, or there is none. */
  readonly applied: Magnitude | null;
}

/** Forms of one unit. */
export interface UnitGroup {
  readonly unit: string;
  readonly count: number;
  readonly forms: readonly UnitForm[];
  /** The unit is a letter that may be a magnitude. */
  readonly isDoubtful: boolean;
}

/** Two of these letters in a column are magnitudes: 950K and 1.2M. */
const TELLING_LETTERS = ['k', 'm', 'b'];

/** The largest first. A bare zero belongs to it: 0 is $0 and 0 %. */
export function groupByUnit(forms: readonly Form[]): UnitGroup[] {
  const withUnits = forms.map((form) => decideMagnitude(form, forms));
  const zeros = withUnits.filter(isBareZero);
  const groups = new Map<string, UnitForm[]>();
  for (const form of withUnits) {
    if (isBareZero(form)) continue;
    const group = groups.get(form.unit) ?? [];
    groups.set(form.unit, group);
    group.push(form);
  }
  const [[mainUnit, main] = ['', []], ...others] = [...groups].sort(
    ([a, aForms], [b, bForms]) => countOf(bForms) - countOf(aForms) || (a < b ? -1 : 1),
  );
  return [[mainUnit, [...main, ...zeros]] as const, ...others].map(([unit, members]) => ({
    unit,
    count: countOf(members),
    forms: members,
    isDoubtful: members.some(({ affix, applied }) => affix.magnitude !== null && applied === null),
  }));
}

export function countOf(forms: readonly { readonly count: number }[]): number {
  return forms.reduce((sum, { count }) => sum + count, 0);
}

/** `3 cells like "142 min"` */
export function cellsLike(forms: readonly Form[]): string {
  const count = countOf(forms);
  return `${count} ${count === 1 ? 'cell' : 'cells'} like ${JSON.stringify(forms[0]?.text ?? '')}`;
}

function isBareZero({ shape, unit }: UnitForm): boolean {
  return shape.bare === 'zero' && unit === '';
}

function decideMagnitude(form: Form, all: readonly Form[]): UnitForm {
  const { unit, unitText, magnitude } = form.affix;
  if (magnitude === null) return { ...form, unit, unitText, applied: null };
  if (magnitude.orUnit === null || areMagnitudes(unit, magnitude, all)) {
    return { ...form, unit, unitText, applied: magnitude };
  }
  const letterText = [magnitude.text, unitText].filter(Boolean).join(' ');
  return { ...form, unit: magnitude.orUnit, unitText: letterText, applied: null };
}

/** Whether the column leaves no doubt that the letter is a magnitude. */
function areMagnitudes(unit: string, magnitude: Magnitude, all: readonly Form[]): boolean {
  const alike = all.filter(({ affix }) => affix.unit === unit);
  const magnitudes = alike.flatMap(({ affix }) => affix.magnitude ?? []);
  if (magnitudes.some(({ orUnit }) => orUnit === null)) return true;
  const letters = new Set(magnitudes.map(({ text }) => text.toLowerCase()));
  if (TELLING_LETTERS.filter((letter) => letters.has(letter)).length > 1) return true;
  // 1.2K beside 950: counters of views and the like. Kelvin is written with a space.
  const bare = alike.filter(({ affix, shape }) => affix.magnitude === null && shape.bare !== 'zero');
  const onlySmall = bare.length > 0 && bare.every(({ shape }) => shape.bare === 'up to 999');
  return magnitude.text === 'K' && magnitude.attached && onlySmall;
}

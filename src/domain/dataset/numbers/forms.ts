import type { Row } from '../csv/row.ts';
import { readAffix, type Affix } from './affix.ts';
import type { Cell } from './cell.ts';
import { SHAPES, type Shape } from './digits.ts';
import type { Form } from './units.ts';

/** The first cell of some kind. */
export interface FirstCell {
  /** Position in the column, from 0. */
  readonly row: number;
  /** At most 40 characters. */
  readonly text: string;
}

interface Entry {
  readonly shape: Shape;
  readonly affix: Affix;
  count: number;
  first: FirstCell | null;
}

/** Codes are bytes, and 0 is no number. */
const MAX_FORMS = 255;
/** Part of a Temporal payload, which must stay small. */
const MAX_SAMPLE_CHARS = 40;
const NO_AFFIX: Affix = { unit: '', unitText: '', magnitude: null };

/** Counts the ways in which the cells of a column are written. */
export class FormTable {
  /** The form with code 1 is the first; those without an affix have the order of SHAPES. */
  readonly #entries: Entry[] = SHAPES.map((shape) => toEntry(shape, NO_AFFIX));
  /** By what is around the digits, and then by shape. */
  readonly #affixes = new Map<string, { readonly affix: Affix; readonly codes: number[] }>();
  /** Then cells with a unit are text: it must not matter which units came first. */
  #hasTooMany = false;

  /** @returns the code of the cell's form; 0: what is around its digits makes it text */
  count(cell: Cell, row: number, text: string): number {
    const isPlain = cell.currency === '' && cell.suffix === '';
    const code = isPlain ? cell.shape + 1 : this.#codeWithAffix(cell);
    if (code === 0) return 0;
    const entry = this.#entries[code - 1] as Entry;
    entry.count += 1;
    entry.first ??= toFirstCell(row, text);
    return code;
  }

  /** A cell with nothing around its digits. */
  countPlain(shape: number, position: number, row: Row, cell: number): number {
    const entry = this.#entries[shape] as Entry;
    entry.count += 1;
    entry.first ??= toFirstCell(position, row.cell(cell));
    return shape + 1;
  }

  /** The forms of cells that may be numbers, in a fixed order. */
  list(): Form[] {
    return this.#entries.flatMap(({ shape, affix, count, first }, i) =>
      first === null || (this.#hasTooMany && affix !== NO_AFFIX)
        ? []
        : { code: i + 1, shape, affix, count, text: first.text },
    );
  }

  /** The first cell whose form is none of these. */
  firstBeside(codes: ReadonlyMap<number, unknown>): FirstCell | null {
    return this.#entries
      .filter((_, i) => !codes.has(i + 1))
      .reduce<FirstCell | null>((earliest, { first }) => earlier(earliest, first), null);
  }

  #codeWithAffix({ currency, suffix, shape }: Cell): number {
    if (this.#hasTooMany) return 0;
    const spelling = `${currency}\n${suffix}`;
    let known = this.#affixes.get(spelling);
    if (known === undefined) {
      const affix = readAffix(currency, suffix);
      if (affix === null) return 0;
      known = { affix, codes: [] };
      this.#affixes.set(detach(spelling), known);
    }
    const code = known.codes[shape];
    if (code !== undefined) return code;
    if (this.#entries.length === MAX_FORMS) {
      this.#hasTooMany = true;
      return 0;
    }
    this.#entries.push(toEntry(SHAPES[shape] as Shape, known.affix));
    known.codes[shape] = this.#entries.length;
    return this.#entries.length;
  }
}

export function toFirstCell(row: number, text: string): FirstCell {
  return { row, text: detach(text.slice(0, MAX_SAMPLE_CHARS)) };
}

/** Of two cells the one above the other. */
export function earlier(a: FirstCell | null, b: FirstCell | null): FirstCell | null {
  if (a === null || b === null) return a ?? b;
  return a.row < b.row ? a : b;
}

function toEntry(shape: Shape, affix: Affix): Entry {
  return { shape, affix, count: 0, first: null };
}

/** A copy: a part of a string keeps the whole string alive, which here is a chunk of the file. */
export function detach(text: string): string {
  return JSON.parse(JSON.stringify(text)) as string;
}

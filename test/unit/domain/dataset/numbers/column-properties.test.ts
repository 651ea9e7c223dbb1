import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  createColumnReader,
  type ReadColumn,
} from '../../../../../src/domain/dataset/numbers/column-reader.ts';
import { addCells } from '../../../../support/unit/tables/column-cells.ts';

/** How a program writes a column of numbers. */
interface Style {
  readonly decimal: '.' | ',';
  readonly thousands: string;
  /** Fixed decimals, or as many as the number has. */
  readonly decimals: number | 'as needed';
  readonly prefix: string;
  readonly suffix: string;
  readonly minus: 'before' | 'unicode' | 'parentheses' | 'end';
}

const style: fc.Arbitrary<Style> = fc
  .record({
    decimal: fc.constantFrom('.' as const, ',' as const),
    thousands: fc.constantFrom('', '.', ',', "'", '’', ' ', '\u00a0', '\u202f', '\u2009'),
    decimals: fc.constantFrom(0, 1, 2, 3, 'as needed' as const),
    prefix: fc.constantFrom('', '', '$', '€ ', 'US$', 'CHF ', 'Rs. '),
    suffix: fc.constantFrom(
      '',
      '',
      ' min',
      '%',
      ' °C',
      ' €',
      '/10',
      ' km²',
      ' USD',
      'k',
      ' million',
      ' Mrd.',
    ),
    minus: fc.constantFrom('before' as const, 'unicode' as const, 'parentheses' as const, 'end' as const),
  })
  .filter(({ decimal, thousands }) => decimal !== thousands);

const EXPONENTS: Readonly<Record<string, number>> = { k: 3, ' million': 6, ' Mrd.': 9 };

/** Digits and decimals of an exact decimal number: thousandths of the value. */
const thousandths = fc.oneof(
  fc.integer({ min: -2_000_000, max: 2_000_000 }),
  fc.integer({ min: -999, max: 999 }).map((whole) => whole * 1000),
  fc.integer({ min: -5_000_000_000, max: 5_000_000_000 }),
  fc.integer({ min: -5_000_000, max: 5_000_000 }).map((whole) => whole * 1000),
);

function write(value: number, { decimal, thousands, decimals, prefix, suffix, minus }: Style): string {
  const digits = String(Math.abs(value)).padStart(4, '0');
  const whole = digits.slice(0, -3).replaceAll(/\B(?=(\d{3})+$)/g, thousands);
  const all = digits.slice(-3);
  const tail = decimals === 'as needed' ? all.replace(/0+$/, '') : all.slice(0, decimals);
  const body = tail === '' ? whole : `${whole}${decimal}${tail}`;
  if (value >= 0) return `${prefix}${body}${suffix}`;
  if (minus === 'parentheses') return `(${prefix}${body}${suffix})`;
  if (minus === 'end' && suffix === '') return `${prefix}${body}-`;
  return `${minus === 'unicode' ? '−' : '-'}${prefix}${body}${suffix}`;
}

/** What the written cell says, decimals that were cut off left out. */
function meant(value: number, { decimals, suffix }: Style): number {
  const kept = decimals === 'as needed' ? 3 : decimals;
  const digits = Math.trunc(Math.abs(value) / 10 ** (3 - kept));
  const size = Number(`${digits}e${(EXPONENTS[suffix] ?? 0) - kept}`);
  return value < 0 ? -size : size;
}

function read(cells: readonly string[]): ReadColumn {
  const reader = createColumnReader('column');
  addCells(reader, cells);
  return reader.finish();
}

function valuesOf(column: ReadColumn): number[] {
  return [...column.values(0, column.rows)];
}

/** 1.234 is a number for every program, though it may be thousands. */
function looksPlain(cells: readonly string[]): boolean {
  return cells.every((cell) => /^[-−]?\d+(\.\d{3})?(%|k| million| Mrd\.)?-?$/.test(cell));
}

test('numbers in any notation are read as they were written, or the column is refused', () => {
  let refused = 0;
  let columns = 0;
  fc.assert(
    fc.property(style, fc.array(thousandths, { minLength: 1, maxLength: 60 }), (written, numbers) => {
      const cells = numbers.map((value) => write(value, written));
      fc.pre(written.decimal === '.' || !looksPlain(cells));
      const column = read(cells);
      columns += 1;
      if (column.problem !== undefined) refused += 1;
      else {
        const values = valuesOf(column).map((value) => value + 0);
        expect(values).toEqual(numbers.map((value) => meant(value, written) + 0));
      }
    }),
    { numRuns: 2000 },
  );
  // A reader that refuses everything would pass the property.
  expect(refused).toBeLessThan(columns / 3);
});

test('a long column whose sizes vary is never refused', () => {
  const varied = fc.array(fc.double({ min: 0, max: 7, noNaN: true }), { minLength: 300, maxLength: 300 });
  fc.assert(
    fc.property(style, varied, (written, exponents) => {
      const numbers = exponents.map(
        (exponent, i) => Math.round(10 ** exponent * 100) * 10 * (i % 5 === 0 ? -1 : 1),
      );
      if (written.decimals === 3) return;
      const column = read([...numbers, 1_234_567_000, 5_250, 21_000].map((value) => write(value, written)));
      expect(column.problem).toBeUndefined();
    }),
    { numRuns: 200 },
  );
});
const anyCell = fc.oneof(
  fc.tuple(thousandths, style).map(([value, written]) => write(value, written)),
  fc.constantFrom(
    'NA',
    '',
    '\\N',
    'oops',
    '2020-01-02',
    '12 Monkeys',
    '1,234',
    '1.234',
    '3,7',
    '21',
    '5678',
    '0',
    '2 h',
  ),
  fc.string({ maxLength: 12 }),
);
const mixedColumn = fc.oneof(
  fc.array(anyCell, { minLength: 1, maxLength: 40 }),
  fc
    .tuple(
      style,
      fc.array(thousandths, { minLength: 20, maxLength: 60 }),
      fc.array(anyCell, { maxLength: 4 }),
    )
    .map(([written, numbers, others]) => [...numbers.map((value) => write(value, written)), ...others]),
);

test('the order of the rows changes no value and no verdict', () => {
  const column = mixedColumn.chain((cells) =>
    fc.tuple(
      fc.constant(cells),
      fc.shuffledSubarray(
        cells.map((_, i) => i),
        { minLength: cells.length },
      ),
    ),
  );
  fc.assert(
    fc.property(column, ([cells, order]) => {
      const [straight, shuffled] = [read(cells), read(order.map((i) => cells[i] as string))];
      const values = valuesOf(straight);
      expect(valuesOf(shuffled)).toEqual(order.map((i) => values[i]));
      expect(shuffled.problem === undefined).toBe(straight.problem === undefined);
      expect(shuffled).toMatchObject({ missing: straight.missing, unreadable: straight.unreadable });
      expect(shuffled.minimum).toBe(straight.minimum);
    }),
    { numRuns: 500 },
  );
});

test('missing cells and spaces around cells change no value', () => {
  fc.assert(
    fc.property(
      mixedColumn,
      fc.constantFrom('', 'NA', '\\N', ' - '),
      fc.constantFrom(' ', '\u00a0'),
      (cells, gap, space) => {
        const plain = read(cells);
        const padded = read(cells.flatMap((cell) => [gap, `${space}${cell}${space}`]));
        expect(valuesOf(padded).filter((_, i) => i % 2 === 1)).toEqual(valuesOf(plain));
        expect(padded.missing).toBe(plain.missing + cells.length);
        expect(padded.unreadable).toBe(plain.unreadable);
      },
    ),
    { numRuns: 500 },
  );
});

test('every cell is a value, missing or unreadable', () => {
  fc.assert(
    fc.property(mixedColumn, (cells) => {
      const column = read(cells);
      const values = valuesOf(column).filter((value) => !Number.isNaN(value));
      expect(values.length).toBe(column.rows - column.missing - column.unreadable);
      expect(values.every(Number.isFinite)).toBe(true);
      expect(column.firstUnreadable === undefined).toBe(column.unreadable === 0);
    }),
    { numRuns: 500 },
  );
});

test('plain numbers are read as JavaScript reads them', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1 }),
      (numbers) => {
        const column = read(numbers.map(String));
        if (column.problem === undefined)
          expect(valuesOf(column)).toEqual(numbers.map((value) => Number(String(value))));
      },
    ),
    { numRuns: 500 },
  );
});

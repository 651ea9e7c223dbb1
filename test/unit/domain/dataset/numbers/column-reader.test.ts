import { expect, test } from 'vitest';
import {
  createColumnReader,
  finishColumns,
  type ReadColumn,
} from '../../../../../src/domain/dataset/numbers/column-reader.ts';
import { describeNotation } from '../../../../../src/domain/dataset/numbers/notation.ts';
import { addCells } from '../../../../support/unit/tables/column-cells.ts';

const GAP = Number.NaN;

function read(cells: readonly string[], decimal?: '.' | ','): ReadColumn {
  const reader = createColumnReader('column', { decimal });
  addCells(reader, cells);
  return reader.finish();
}

function valuesOf(column: ReadColumn): number[] {
  return [...column.values(0, column.rows)];
}

function repeat(count: number, cell: (i: number) => string): string[] {
  return Array.from({ length: count }, (_, i) => cell(i));
}

test('plain numbers need no notation', () => {
  const cells = [
    '1',
    '-2.5',
    '+4',
    '.5',
    '5.',
    '1e3',
    '1.5E-7',
    ' 8 ',
    '−6',
    '007',
    '0.1',
    '-0.25',
    '1234567',
  ];
  const column = read(cells);
  expect(valuesOf(column)).toEqual([1, -2.5, 4, 0.5, 5, 1000, 1.5e-7, 8, -6, 7, 0.1, -0.25, 1_234_567]);
  expect(column).toMatchObject({ notation: null, missing: 0, unreadable: 0 });
});

test.for<[kind: string, cells: string[], values: number[], notation: string]>([
  ['comma', ['1,234', '21', '80', '27,650'], [1234, 21, 80, 27_650], 'thousands ","'],
  ['comma and point', ['1,234.5', '1,234', '12'], [1234.5, 1234, 12], 'thousands ",", decimal "."'],
  ['groups of Europe', ['1.234,5', '1.234', '12'], [1234.5, 1234, 12], 'thousands ".", decimal ","'],
  ['two groups', ['1,234,567', '1,234'], [1_234_567, 1234], 'thousands ","'],
  ['two groups of Europe', ['1.234.567', '1.234'], [1_234_567, 1234], 'thousands "."'],
  ['India', ['12,34,567', '1,00,000', '5,000'], [1_234_567, 100_000, 5000], 'thousands ","'],
  ['Switzerland', ["1'234.50", '12’345.10'], [1234.5, 12_345.1], 'thousands "\'", decimal "."'],
  ['space', ['1 234', '999', '1 234 567'], [1234, 999, 1_234_567], 'thousands " "'],
  [
    'other spaces',
    ['1\u00a0234,5', '1\u202f000', '1\u2009000'],
    [1234.5, 1000, 1000],
    'thousands " ", decimal ","',
  ],
  ['decimal comma', ['3,7', '0,25', '8', '-1,5'], [3.7, 0.25, 8, -1.5], 'decimal ","'],
  ['comma before three', ['3,7', '1,234'], [3.7, 1.234], 'decimal ","'],
  ['comma and exponent', ['1,5e3', '2,25'], [1500, 2.25], 'decimal ","'],
  [
    'dollars',
    ['$1,200', '$ 99.50', '-$5', '$-6', '$.5'],
    [1200, 99.5, -5, -6, 0.5],
    'thousands ",", decimal ".", unit "$"',
  ],
  ['spellings', ['USD 5', '$6', 'US$ 7', '8 USD'], [5, 6, 7, 8], 'unit "USD"'],
  ['rupees', ['Rs. 300', 'Rs.20'], [300, 20], 'unit "Rs."'],
  ['euros', ['1.234,50 €', '2,00 €'], [1234.5, 2], 'thousands ".", decimal ",", unit "€"'],
  [
    'millions',
    ['$3.1M', '$0.1M', '$20.0M', '$1.1M'],
    [3_100_000, 100_000, 20_000_000, 1_100_000],
    'unit "$", magnitudes M',
  ],
  [
    'magnitudes',
    ['$1.2M', '$950k', '$3.4bn', '$500'],
    [1_200_000, 950_000, 3.4e9, 500],
    'unit "$", magnitudes M, k, bn',
  ],
  ['words', ['1.2 million', '3 Million'], [1_200_000, 3_000_000], 'magnitudes million, Million'],
  ['German', ['1,5 Mio. €', '3 Mrd. €'], [1_500_000, 3e9], 'decimal ",", unit "€", magnitudes Mio, Mrd'],
  ['Indian words', ['12 lakh', '3 crore'], [1_200_000, 30_000_000], 'magnitudes lakh, crore'],
  ['counters', ['1.2M', '950K', '12'], [1_200_000, 950_000, 12], 'magnitudes M, K'],
  ['small counters', ['950', '1.2K'], [950, 1200], 'magnitudes K'],
  ['kelvin', ['300 K', '250 K'], [300, 250], 'unit "K"'],
  ['one letter', ['1.5M', '2M'], [1.5, 2], 'unit "M"'],
  ['minutes', ['142 min', '90 min.', '60 mins'], [142, 90, 60], 'unit "min"'],
  ['percent', ['85%', '7 %', '0', '12 percent'], [85, 7, 0, 12], 'percent'],
  ['rating', ['7.5/10', '8 /10'], [7.5, 8], 'unit "/10"'],
  ['degrees', ['30 °C', '−5 °C', '21.5°C'], [30, -5, 21.5], 'unit "°C"'],
  ['area', ['5 km²', '6 km2'], [5, 6], 'unit "km²"'],
  ['per', ['5 €/kg', '6 €/kg'], [5, 6], 'unit "€/kg"'],
  ['accounting', ['(1,234)', '5,000', '(12)'], [-1234, 5000, -12], 'thousands ",", minus in parentheses'],
  ['accounting in dollars', ['$(1.5)', '($2.5)', '$3'], [-1.5, -2.5, 3], 'unit "$", minus in parentheses'],
  ['minus at the end', ['5-', '12'], [-5, 12], 'minus at the end'],
])('numbers in one notation are read: %s', ([, cells, values, notation]) => {
  const column = read(cells);
  expect(column.problem).toBeUndefined();
  expect(valuesOf(column)).toEqual(values);
  expect(column.unreadable).toBe(0);
  expect(column.notation === null ? '' : describeNotation(column.notation)).toBe(notation);
});

test.for<[kind: string, cells: string[], problem: string]>([
  ['1,234 alone', ['1,234', '27,651'], '"1,234" is thousands or has three decimals'],
  ['1,234 beside 5678', ['1,234', '21', '5678'], '"1,234" is thousands or has three decimals'],
  ['1.234 beside 21', ['1.234', '21'], '"1.234" is thousands or has three decimals'],
  ['€ 1.234 alone', ['€ 1.234', '€ 27.651'], '"€ 1.234" is thousands or has three decimals'],
  ['both', ['1,234', '1.234', '21'], '"1.234" is thousands or has three decimals'],
  ['two decimal signs', ['3.5', '3,5', '4'], 'two decimal signs: 1 cell like "3.5", 1 cell like "3,5"'],
  [
    'one 3,7 among thousands',
    ['3,7', ...repeat(99, () => '1,234'), '21'],
    'is thousands or has three decimals',
  ],
  [
    'min and h',
    ['142 min', '2 h', '90 min', '3 h'],
    'mixed units: 2 cells like "2 h", 2 cells like "142 min"',
  ],
  ['percent in half the cells', ['85%', '0.5', '90%', '0.7'], 'mixed units'],
  ['currencies', ['$5', '€5', '$6', '€7'], 'mixed units'],
  ['millions or metres', ['1.5M', '800', '900'], 'mixed units'],
  ['few millions or metres', ['1.5M', ...repeat(60, (i) => `${i}`)], 'mixed units'],
  ['years in parentheses', ['(1999)', '(2000)'], 'every number has the minus in parentheses'],
  [
    'two kinds of minus',
    ['(5)', '-6', '7'],
    'two kinds of minus: in parentheses (1 cells), before (1 cells)',
  ],
])('numbers that may mean two things are refused: %s', ([, cells, problem]) => {
  const column = read(cells);
  expect(column.problem).toContain(problem);
  expect(column.problem?.length).toBeLessThan(220);
  expect(column.unreadable).toBe(cells.length);
  expect(valuesOf(column).every(Number.isNaN)).toBe(true);
});

test.for([
  ['2020-01-02', '1999-12-31'],
  ['01.02.2020', '31.12.1999'],
  ['3/2020', '4/2020'],
  ['03/04/2020', '05/06/2020'],
  ['12 May', '3 Jun'],
  ['12:30', '9:45'],
  ['5pm', '11 a.m.'],
  ['1 h 20 min', '2 h 5 min'],
  ['1.2.3', '1.10.0'],
  ['v1.2', 'v1.3'],
  ['10.0.0.1', '192.168.1.1'],
  ['tt0123456', 'tt0000001'],
  ['0x1F', '0xFF'],
  ['inf', '-Infinity'],
  ['1920x1080', '1280x720'],
  ['1e999', '-1e999'],
  ['10-20', '20-30'],
  ['1, 2', '3, 4'],
  ['0,123,456', '01,234,567'],
  ['1,23,45', '12,3456,789'],
  ['1_000', '2_000'],
  ['<5', '~6'],
  ['--5', '-(5)'],
  ['١٢', '１２'],
  ['PG-13', 'Alien 3'],
  ['9'.repeat(400), 'x'.repeat(100_000)],
])('what looks like a number but is none is text: %j', (cells) => {
  expect(read(cells)).toMatchObject({ unreadable: cells.length, notation: null });
  expect(read(cells).problem).toBeUndefined();
});

test('a number that opens a title does not make a unit of its words', () => {
  const titles = [
    '12 Monkeys',
    '300',
    '8 Mile',
    '21 Grams',
    'Alien',
    'Brazil',
    'Casino',
    'Duel',
    'Eraserhead',
  ];
  expect(read(titles)).toMatchObject({ unreadable: 9, notation: null });
  const streets = repeat(300, (i) => `${i} ${'abcdefghijklmnopqrst'.charAt(i % 20)} Street`);
  expect(read(streets)).toMatchObject({ unreadable: 300 });
  expect(read(streets).problem).toBeUndefined();
});

test('only numbers of one decimal sign remain when few cells have the other', () => {
  const column = read([...repeat(50, (i) => `${i}.5`), '1,5']);
  expect(column).toMatchObject({ unreadable: 1, firstUnreadable: { row: 50, text: '1,5' }, notation: null });
  expect(column.values(49, 51)).toEqual(new Float64Array([49.5, GAP]));
});

test('few cells in another unit are gaps', () => {
  const column = read(['2 h', ...repeat(50, (i) => `${i + 60} min`)]);
  expect(column).toMatchObject({ unreadable: 1, firstUnreadable: { row: 0, text: '2 h' } });
  expect(column.notation?.unit).toBe('min');
});

test('a rare 1,234 among whole numbers without separators is a gap and not a guess', () => {
  const column = read([...repeat(400, (i) => `${i * 50}`), '1,234']);
  expect(column).toMatchObject({
    unreadable: 1,
    firstUnreadable: { row: 400, text: '1,234' },
    notation: null,
  });
});

test('1.234 has three decimals unless small whole numbers show that it is thousands', () => {
  expect(valuesOf(read(['1.234', '12.500', '999.125']))).toEqual([1.234, 12.5, 999.125]);
  expect(valuesOf(read(['1.234', '0.5']))).toEqual([1.234, 0.5]);
  expect(valuesOf(read(['1.234', '5678']))).toEqual([1.234, 5678]);
  const votes = read([...repeat(10, (i) => `${i + 1}.2${i}0`), ...repeat(10, (i) => `${i + 5}`)]);
  expect(votes.values(0, 2)).toEqual(new Float64Array([1200, 2210]));
});

test('a decimal comma elsewhere in the file puts 1.234 in doubt', () => {
  const score = createColumnReader('score');
  addCells(score, ['3,7', '5,4']);
  const votes = createColumnReader('votes');
  addCells(votes, ['1.234', '27.651']);
  const [, column] = finishColumns([score, votes]);
  expect(column?.problem).toBe(
    '"1.234" is thousands or has three decimals, and column "score" (3,7) has a decimal comma; set dataset.decimal',
  );
});

test('dataset.decimal decides about 1,234 and 1.234', () => {
  expect(valuesOf(read(['1,234', '27,651'], '.'))).toEqual([1234, 27_651]);
  expect(valuesOf(read(['1,234', '27,651'], ','))).toEqual([1.234, 27.651]);
  expect(valuesOf(read(['1.234', '27.651'], ','))).toEqual([1234, 27_651]);
  expect(read(['12.5', '3.7'], ',').problem).toBe(
    'dataset.decimal is ",", but the column has 2 cells like "12.5"',
  );
});

test('the first unreadable cell and the sample are cut at 40 characters', () => {
  const column = read(['7', 'x'.repeat(1000), '8', '9']);
  expect(column.firstUnreadable).toEqual({ row: 1, text: 'x'.repeat(40) });
  expect(read(['y'.repeat(1000)]).sample).toBe('y'.repeat(40));
});

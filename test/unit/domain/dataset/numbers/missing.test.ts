import { expect, test } from 'vitest';
import { createColumnReader } from '../../../../../src/domain/dataset/numbers/column-reader.ts';
import { isMissing } from '../../../../../src/domain/dataset/numbers/missing.ts';
import { addCells } from '../../../../support/unit/tables/column-cells.ts';

/** The default `na_values` of pandas 2. */
const PANDAS = [
  ...['', '#N/A', '#N/A N/A', '#NA', '-1.#IND', '-1.#QNAN', '-NaN', '-nan', '1.#IND', '1.#QNAN', '<NA>'],
  ...['N/A', 'NA', 'NULL', 'NaN', 'None', 'n/a', 'nan', 'null'],
];

test.for([...PANDAS, '\\N', '-', '--', '?', '.', '–'])(
  '%j is missing, also with spaces around it',
  (cell) => {
    expect(isMissing(cell)).toBe(true);
    expect(isMissing(` ${cell}\u00a0\u202f\t`)).toBe(true);
  },
);

test.for(['0', '-0', 'NAN', 'unknown', 'N', '-1', '..', 'None of them', '#REF!'])(
  '%j is not missing',
  (cell) => {
    expect(isMissing(cell)).toBe(false);
  },
);

test('missing cells among text are missing and not unreadable', () => {
  const reader = createColumnReader('title');
  addCells(reader, ['Alien', 'NA', '\\N', 'Brazil', '']);
  expect(reader.finish()).toMatchObject({ missing: 3, unreadable: 2, sample: 'Alien' });
});

test('missing cells among numbers are gaps and not unreadable', () => {
  const reader = createColumnReader('gross');
  addCells(reader, ['NaN', '5', '?', '-', '7']);
  const column = reader.finish();
  expect(column).toMatchObject({ missing: 3, unreadable: 0, sample: '5' });
  expect([...column.values(0, 5)]).toEqual([Number.NaN, 5, Number.NaN, Number.NaN, 7]);
});

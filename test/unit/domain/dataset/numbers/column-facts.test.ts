import { expect, test } from 'vitest';
import {
  createColumnReader,
  type ReadColumn,
} from '../../../../../src/domain/dataset/numbers/column-reader.ts';
import { addCells } from '../../../../support/unit/tables/column-cells.ts';

const GAP = Number.NaN;

function read(cells: readonly string[]): ReadColumn {
  const reader = createColumnReader('column');
  addCells(reader, cells);
  return reader.finish();
}

function repeat(count: number, cell: (i: number) => string): string[] {
  return Array.from({ length: count }, (_, i) => cell(i));
}

test('values can be read in ranges that cross the blocks of memory', () => {
  const cells = repeat(40_000, (i) => (i % 7 === 0 || (i > 20_000 && i < 37_000) ? 'NA' : `${i / 4}`));
  const reader = createColumnReader('column');
  for (let from = 0; from < cells.length; from += 1234) addCells(reader, cells.slice(from, from + 1234));
  const column = reader.finish();
  const expected = new Float64Array(cells.map((cell) => Number(cell)));
  for (const [from, to] of [
    [0, 40_000],
    [0, 1],
    [63, 65],
    [100, 16_500],
    [16_383, 32_769],
    [39_999, 40_000],
    [5, 5],
  ] as const) {
    expect(column.values(from, to)).toEqual(expected.slice(from, to));
  }
});

test('a column of text takes no memory for its rows', () => {
  const reader = createColumnReader('title');
  const before = process.memoryUsage().arrayBuffers;
  for (let chunk = 0; chunk < 100; chunk += 1)
    addCells(
      reader,
      repeat(10_000, (i) => `Film ${i}`),
    );
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1_000_000);
  expect(reader.finish().rows).toBe(1_000_000);
});

test('minimum, maximum and order are of the values and not of the cells', () => {
  expect(read(['$1.5M', '$900k', 'NA'])).toMatchObject({
    minimum: 900_000,
    maximum: 1_500_000,
    isMonotonic: true,
  });
  expect(read(['1,5', '1,50'])).toMatchObject({ isConstant: true, isMonotonic: false });
  expect(read(['NA'])).toMatchObject({ minimum: GAP, maximum: GAP, isConstant: false, isMonotonic: false });
  expect(read(['1e200', '3'])).toMatchObject({ maximum: 1e200 });
});

test.for<[cells: string[], isRowNumber: boolean]>([
  [['0', '1', '2', '3'], true],
  [['3', '1', '2', '4'], true],
  [['4', '3', '2', '1'], true],
  [['1', '2', '2', '4'], false],
  [['0', '1', '1.5', '3'], false],
  [['2', '3', '4', '5'], false],
  [['0', '1', 'NA', '3'], false],
])('row numbers are 0…n−1 or 1…n, each once, in any order: %j', ([cells, isRowNumber]) => {
  expect(read(cells).isRowNumber).toBe(isRowNumber);
});

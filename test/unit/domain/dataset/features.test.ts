import { expect, test } from 'vitest';
import { chooseFeatures, whyUnreadable } from '../../../../src/domain/dataset/features.ts';
import { createColumnReader, type ReadColumn } from '../../../../src/domain/dataset/numbers/column-reader.ts';
import { addCells } from '../../../support/unit/tables/column-cells.ts';

const ROWS = 40;

function columnOf(name: string, cell: (row: number) => string, rows = ROWS): ReadColumn {
  const reader = createColumnReader(name);
  addCells(
    reader,
    Array.from({ length: rows }, (_, row) => cell(row)),
  );
  return reader.finish();
}

/** Distinct, in no order. */
const scattered = (row: number): number => (row * 17) % 41;
const score = columnOf('score', (row) => `${(row * 7) % 10}.5`);
const votes = columnOf('votes', (row) => `${scattered(row) * 100}`);

function reasonOf(column: ReadColumn, maxMissing = 0.5): string | undefined {
  const { features, leftOut } = chooseFeatures([score, votes, column], { target: 'score', maxMissing });
  expect(features).toEqual(leftOut.length === 0 ? ['votes', column.column] : ['votes']);
  return leftOut[0]?.reason;
}

test.for<[name: string, cell: (row: number) => string, reason: string]>([
  ['title', (row) => `Film ${row}`, 'text'],
  ['endYear', () => '\\N', 'empty'],
  [
    'budget',
    () => '1,234',
    '"1,234" is thousands or has three decimals, and the other cells do not tell; set dataset.decimal',
  ],
  [
    'oscars',
    (row) => (row % 10 === 0 ? '1' : ''),
    '90 % of its cells have no number, dataset.maxMissing is 50 %',
  ],
  ['', (row) => `${scattered(row)}`, 'an index: it has no name'],
  ['Unnamed: 0', (row) => `${scattered(row)}`, 'an index: it has no name'],
  ['rank', (row) => `${row + 1}`, 'an index: 1…40'],
  ['id', (row) => `${ROWS - 1 - row}`, 'an index: 0…39'],
  ['shuffled', (row) => `${(row * 7) % ROWS}`, 'an index: 0…39'],
  ['number', (row) => `${row * row + 1000}`, 'like an index: all distinct and sorted'],
  ['rating', () => '7', 'constant: every number is 7'],
  ['flag', (row) => (row % 4 === 0 ? '' : '1'), 'constant: every number is 1'],
])('"numeric" leaves a column out and says why: %s', ([name, cell, reason]) => {
  expect(reasonOf(columnOf(name, cell))).toBe(reason);
});

test.for<[name: string, cell: (row: number) => string]>([
  ['half', (row) => (row % 2 === 0 ? '' : `${scattered(row)}`)],
  ['year', (row) => `${2000 + (row >> 1)}`],
  ['binary', (row) => `${row % 2}`],
  ['gross', (row) => (row === 7 ? 'unknown' : `${scattered(row)}`)],
])('"numeric" takes a column of numbers: %s', ([name, cell]) => {
  expect(reasonOf(columnOf(name, cell))).toBeUndefined();
});

test('dataset.maxMissing decides how many numbers a feature may lack', () => {
  const sparse = columnOf('oscars', (row) => (row % 4 === 0 ? `${scattered(row)}` : 'NA'));
  expect(reasonOf(sparse, 0.75)).toBeUndefined();
  expect(reasonOf(sparse, 0.74)).toBe('75 % of its cells have no number, dataset.maxMissing is 74 %');
  expect(reasonOf(votes, 0)).toBeUndefined();
});

test('cells that are no numbers count as missing ones do', () => {
  const column = columnOf('gross', (row) => ['5', '6', 'unknown', '', ''][row % 5] as string);
  expect(reasonOf(column)).toContain('60 % of its cells have no number');
});

test('neither the target nor the key is a feature, and neither is left out', () => {
  const key = columnOf('id', (row) => `${row}`);
  const options = { target: 'score', key: 'id', maxMissing: 0.5 };
  expect(chooseFeatures([score, votes, key], options)).toEqual({ features: ['votes'], leftOut: [] });
});

test('few rows that happen to be sorted are no index', () => {
  const short = columnOf('runtime', (row) => `${90 + row}`, 5);
  expect(chooseFeatures([short], { target: 'score', maxMissing: 0.5 }).features).toEqual(['runtime']);
});

test('a left-out column comes with one of its cells', () => {
  const title = columnOf('title', (row) => (row === 0 ? 'NA' : `Film ${row}`));
  const { leftOut } = chooseFeatures([score, votes, title], { target: 'score', maxMissing: 0.5 });
  expect(leftOut).toEqual([{ column: 'title', reason: 'text', sample: 'Film 1' }]);
});

test('a reason refuses a named column only if it has no numbers', () => {
  expect(whyUnreadable(columnOf('title', (row) => `Film ${row}`))).toBe('text');
  expect(whyUnreadable(columnOf('empty', () => ''))).toBe('empty');
  expect(whyUnreadable(columnOf('votes', () => '1,234'))).toContain('set dataset.decimal');
  expect(whyUnreadable(columnOf('oscars', (row) => (row === 0 ? '1' : '')))).toBeNull();
  expect(whyUnreadable(columnOf('rating', () => '7'))).toBeNull();
});

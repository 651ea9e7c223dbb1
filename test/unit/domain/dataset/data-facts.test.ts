import { expect, test } from 'vitest';
import { describeData, type LoadedData } from '../../../../src/domain/dataset/data-facts.ts';

const PLAIN: LoadedData = {
  source: { path: 'films.csv', sha256: 'ab', bytes: 10 },
  dialect: { compression: null, encoding: 'utf-8', delimiter: ',', quote: '"', header: true },
  rows: { loaded: 5_043, kept: 5_043, dropped: 0, bad: 0, empty: 0, unreadable: 0 },
  badRows: { count: 0, lines: [], first: null },
  gaps: [],
  notations: [],
  leftOut: [],
  leftOutCount: 0,
  keyColumn: 'title',
  keyless: 0,
  keyCandidates: [],
};

function linesOf(data: Partial<LoadedData>): Record<string, readonly string[]> {
  return Object.fromEntries(describeData({ ...PLAIN, ...data }).map(({ label, lines }) => [label, lines]));
}

test('a plain file with nothing to say takes two lines', () => {
  expect(linesOf({})).toEqual({ dataset: ['films.csv: 5,043 rows'], 'rows dropped': ['0'] });
});

test('everything that a load found is said, with a sample and a number each', () => {
  const found = linesOf({
    dialect: { ...PLAIN.dialect, delimiter: ';', compression: 'gzip', encoding: 'windows-1252' },
    rows: { loaded: 5_043, kept: 3_801, dropped: 1_242, bad: 2, empty: 1_200, unreadable: 40 },
    badRows: { count: 2, lines: [17, 1_039], first: '15 cells instead of 12' },
    gaps: [
      { column: 'gross', missing: 884, unreadable: 0 },
      { column: 'votes', missing: 1, unreadable: 40, firstUnreadable: { row: 7, text: 'many' } },
    ],
    notations: [{ column: 'budget', notation: 'unit "$", magnitudes M', sample: '$1.2M' }],
    leftOut: [
      { column: 'color', reason: 'text', sample: 'Color' },
      { column: '', reason: 'an index: it has no name', sample: '0' },
      { column: 'notes', reason: 'empty', sample: null },
    ],
    leftOutCount: 3,
    keyColumn: null,
    keyless: 5_041,
    keyCandidates: ['title', 'link'],
  });

  expect(found).toEqual({
    dataset: ['films.csv: 5,043 rows; semicolon, windows-1252, gzip'],
    'rows dropped': ['1,242: 1,200 with an empty cell, 40 with an unreadable cell, 2 bad'],
    'bad rows': ['2 at lines 17, 1039; the first: 15 cells instead of 12'],
    gaps: ['gross: 884 empty', 'votes: 1 empty, 40 unreadable, like "many" in row 7'],
    notations: ['budget: unit "$", magnitudes M ("$1.2M")'],
    'left out': ['color: text ("Color")', '(unnamed): an index: it has no name ("0")', 'notes: empty'],
    key: ['none, a hash identifies a row; dataset.key could be title, link'],
  });
});

test('rows that lack their key are said', () => {
  expect(linesOf({ keyless: 3 })['key']).toEqual(['title; 3 rows have none, a hash identifies them']);
});

test('what is said stays short, however much there is', () => {
  const long = 'x'.repeat(100_000);
  const columns = Array.from({ length: 40 }, (_, i) => `${i}${long}`);
  const found = linesOf({
    source: { ...PLAIN.source, path: long },
    badRows: { count: 1_000_000, lines: Array.from({ length: 10 }, (_, i) => 1_000_000 + i), first: long },
    gaps: columns.map((column) => ({
      column,
      missing: 1,
      unreadable: 1,
      firstUnreadable: { row: 2, text: long },
    })),
    notations: columns.map((column) => ({ column, notation: long, sample: long })),
    leftOut: columns.map((column) => ({ column, reason: long, sample: long })),
    leftOutCount: 10_000,
    keyColumn: null,
    keyless: 5_041,
    keyCandidates: columns.slice(0, 5),
  });

  expect(found['left out']).toHaveLength(41);
  expect(found['left out']?.at(-1)).toBe('and 9,960 more');
  expect(found['gaps']?.at(-1)).toBe('and 35 more');
  expect(found['bad rows']?.[0]).toMatch(/^1,000,000 at lines 1000000, .*1000009, …; the first: x{200}…$/);
  const lines = Object.values(found).flat();
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(400);
});

test('text of a file cannot break a line or move a cursor', () => {
  const evil = 'a\r\nb\u001b[2J\u202ec\u0000\u2028d';
  const lines = Object.values(
    linesOf({
      source: { ...PLAIN.source, path: evil },
      badRows: { count: 1, lines: [3], first: evil },
      gaps: [{ column: evil, missing: 0, unreadable: 1, firstUnreadable: { row: 2, text: evil } }],
      notations: [{ column: evil, notation: evil, sample: evil }],
      leftOut: [{ column: evil, reason: evil, sample: evil }],
      leftOutCount: 1,
      keyColumn: null,
      keyless: 5_041,
      keyCandidates: [evil],
    }),
  ).flat();

  expect(lines).not.toHaveLength(0);
  for (const line of lines) expect(line).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
  expect(lines.join()).toContain('a b [2J c d');
});

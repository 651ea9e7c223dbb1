import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createKeyCandidates } from '../../../../src/domain/dataset/key-candidates.ts';
import { isMissing } from '../../../../src/domain/dataset/numbers/missing.ts';

const CHUNK = 1_000;

/** @param columns of equal length */
function find(
  columns: readonly (readonly string[])[],
  chunkRows = CHUNK,
  maxBytes?: number,
): readonly number[] {
  const rows = columns[0]?.length ?? 0;
  const candidates = createKeyCandidates(
    columns.map((_, position) => position),
    maxBytes,
  );
  for (let from = 0; from < rows; from += chunkRows) {
    const chunk = Array.from({ length: Math.min(chunkRows, rows - from) }, (_, i) => from + i);
    candidates.add(chunk.map((row) => columns.map((column) => column[row] ?? '')));
  }
  return candidates.finish();
}

const column = (rows: number, cell: (row: number) => string) =>
  Array.from({ length: rows }, (_, i) => cell(i));

test('a column of text is a candidate if every cell is filled and occurs once', () => {
  const ROWS = 5_000;
  const columns = [
    column(ROWS, (i) => `Film ${i}`),
    column(ROWS, (i) => `${i * 1.5}`),
    column(ROWS, (i) => (i === ROWS - 1 ? '' : `a ${i}`)),
    column(ROWS, (i) => (i === ROWS - 1 ? 'NA' : `b ${i}`)),
    column(ROWS, (i) => (i === ROWS - 1 ? ' c 0 ' : `c ${i}`)),
    column(ROWS, (i) => `tt${i}`),
  ];

  expect(find(columns)).toEqual([0, 5]);
});

test('candidates are those of a plain set of strings, in chunks of any size', () => {
  const cell = fc.oneof(fc.string(), fc.constantFrom('a', 'b', '', '-', ' a'));
  fc.assert(
    fc.property(fc.array(cell, { minLength: 1 }), fc.integer({ min: 1, max: 9 }), (cells, chunkRows) => {
      // A first chunk of numbers is not text.
      const texts = ['text', ...cells];
      const isKey = !texts.some(isMissing) && new Set(texts.map((text) => text.trim())).size === texts.length;
      const isText = !texts.slice(0, chunkRows).every((text) => text.trim() !== '' && !Number.isNaN(+text));

      fc.pre(isText && chunkRows > 2 * texts.filter((text) => Number.isFinite(+text)).length);
      expect(find([texts], chunkRows)).toEqual(isKey ? [0] : []);
    }),
  );
});

test('no more than five columns are candidates, in the order of the file', () => {
  const columns = Array.from({ length: 300 }, (_, name) => column(20, (i) => `${name}-${i}`));

  expect(find(columns)).toEqual([0, 1, 2, 3, 4]);
});

test('a column that needs more memory than there is left is given up', () => {
  const ROWS = 20_000;
  const columns = ['a', 'b', 'c'].map((name) => column(ROWS, (i) => `${name}${i}`));
  // 20,000 hashes of 8 bytes, in a table that is at most half full.
  const oneColumn = 65_536 * 8;

  expect(find(columns, CHUNK, 3 * oneColumn)).toEqual([0, 1, 2]);
  expect(find(columns, CHUNK, 2 * oneColumn)).toEqual([0, 1]);
  expect(find(columns, CHUNK, 1_000)).toEqual([]);
});

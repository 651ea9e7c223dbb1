import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SAMPLE_SIZE, samplePositions, withTitle } from '../../../../src/domain/run/report.ts';

test('samples are distinct rows from the whole stream, up to the limit', () => {
  fc.assert(
    fc.property(fc.nat(2_000), (count) => {
      const rows = samplePositions(count);

      expect(new Set(rows).size).toBe(Math.min(count, SAMPLE_SIZE));
      expect(rows).toEqual([...rows].sort((a, b) => a - b));
      expect(rows.at(-1) ?? 0).toBeGreaterThanOrEqual(Math.floor(count * (1 - 1 / SAMPLE_SIZE)) - 1);
      expect(rows.at(-1) ?? -1).toBeLessThan(count);
    }),
  );
});

test('a row without a title is shown by its number, if it has one', () => {
  const titles = new Map([[2, 'Alien']]);
  const titleOf = (rowId: number) => withTitle({ rowId, actual: Number.NaN, predicted: 6.5 }, titles);

  expect([2, 3, Number.NaN].map(titleOf)).toEqual([
    { rowId: 2, title: 'Alien', actual: null, predicted: 6.5 },
    { rowId: 3, title: 'row 3', actual: null, predicted: 6.5 },
    { rowId: null, title: 'a row without a number', actual: null, predicted: 6.5 },
  ]);
});

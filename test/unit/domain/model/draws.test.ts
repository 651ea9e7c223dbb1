import fc from 'fast-check';
import { expect, test } from 'vitest';
import { drawRows } from '../../../../src/domain/model/draws.ts';

test('a sample has distinct rows in order, all of them if there are few', () => {
  fc.assert(
    fc.property(fc.nat(300), fc.nat(300), fc.nat(), (rows, most, seed) => {
      const drawn = [...drawRows(rows, most, seed, 0)];

      expect(drawn).toHaveLength(Math.min(rows, most));
      expect(drawn).toEqual([...new Set(drawn)].sort((a, b) => a - b));
      for (const row of drawn) expect(row).toBeLessThan(rows);
      expect(drawn).toEqual([...drawRows(rows, most, seed, 0)]);
    }),
  );
});

test('every row is equally likely to be in a sample', () => {
  const counts = new Array<number>(10).fill(0);
  for (let seed = 0; seed < 10_000; seed += 1) {
    for (const row of drawRows(10, 3, seed, 1)) counts[row] = (counts[row] as number) + 1;
  }

  // Five standard deviations of 3,000 are 229.
  for (const count of counts) expect(Math.abs(count - 3_000)).toBeLessThan(229);
});

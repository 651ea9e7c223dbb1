import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  permutationImportance,
  permutationRows,
  shuffledColumns,
} from '../../../../src/domain/model/permutation-importance.ts';
import { numbersBelow } from '../../../support/unit/rating-table.ts';

/** Columns are finite. Adding 0 makes 0 of -0, which sorting cannot tell apart and `toEqual` can. */
const anyNumber = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);

test('a shuffled column has its values in an order that depends on seed and feature', () => {
  fc.assert(
    fc.property(fc.array(anyNumber, { maxLength: 40 }), fc.nat(), fc.nat(100), (column, seed, feature) => {
      const given = Float64Array.from(column);
      const shuffles = [...shuffledColumns(given, seed, feature)];

      expect(shuffles).toEqual([...shuffledColumns(given, seed, feature)]);
      for (const shuffled of shuffles) expect(shuffled.sort()).toEqual(given.toSorted());
    }),
  );
});

test('repeats, features and seeds have orders of their own', () => {
  const column = Float64Array.from(numbersBelow(50));
  const orders = [
    ...shuffledColumns(column, 1, 0),
    ...shuffledColumns(column, 1, 1),
    ...shuffledColumns(column, 2, 0),
  ];

  expect(new Set(orders.map(String)).size).toBe(15);
});

test('every position of a column is equally likely for a value', () => {
  const places = new Array<number>(4).fill(0);
  for (const seed of numbersBelow(2_000)) {
    for (const shuffled of shuffledColumns(Float64Array.from(numbersBelow(4)), seed, 0)) {
      const place = shuffled.indexOf(0);
      places[place] = (places[place] as number) + 1;
    }
  }

  // 10,000 shuffles: five standard deviations are 217.
  for (const count of places) expect(Math.abs(count - 2_500)).toBeLessThan(217);
});

test('a feature is as important as R² falls without it, on average over the repeats', () => {
  expect(permutationImportance('budget', [1, 0], 1)).toEqual({ feature: 'budget', mean: 0.5, std: 0.5 });
});

test('the rows for importances are bounded by their cells, and never too few', () => {
  expect([1, 15, 100].map(permutationRows)).toEqual([10_000, 10_000, 10_000]);
  expect(permutationRows(1_000)).toBe(1_000);
  expect(permutationRows(4_096)).toBe(244);
  expect(permutationRows(100_000)).toBe(100);
});

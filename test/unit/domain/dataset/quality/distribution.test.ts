import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  countAt,
  distributionOf,
  quantileOf,
  shareUpTo,
} from '../../../../../src/domain/dataset/quality/distribution.ts';
import { sortInSlices } from '../../../../../src/domain/dataset/quality/sort-in-slices.ts';
import { createDraws } from '../../../../../src/domain/model/draws.ts';

const number = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e150, max: 1e150 });
const withTies = fc.oneof(
  fc.array(number, { minLength: 1 }),
  fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1 }),
);
const sorted = (values: readonly number[]): Float64Array => Float64Array.from(values).sort();

/** `toEqual` takes seconds for so many numbers. */
const isEqual = (a: Float64Array, b: Float64Array): boolean =>
  a.length === b.length && a.every((value, i) => value === b[i]);

test('a column with up to 250 rows is kept exactly', () => {
  fc.assert(
    fc.property(withTies, (numbers) => {
      const values = sorted(numbers);
      // Not a Set, which takes −0 for 0.
      const distinct = [...values].filter((value, i) => i === 0 || value !== values[i - 1]);

      expect([...distributionOf(values).values]).toEqual(distinct);
    }),
  );
});

test('counts by value are those of the rows, one by one', () => {
  fc.assert(
    fc.property(withTies, withTies, (numbers, others) => {
      const values = sorted(others);
      const { below, upTo } = countAt(sorted(numbers), values);

      expect([...below]).toEqual([...values].map((value) => numbers.filter((one) => one < value).length));
      expect([...upTo]).toEqual([...values].map((value) => numbers.filter((one) => one <= value).length));
    }),
  );
});

test('less than 1/250 of the rows lie between two of the values that are kept', () => {
  const draw = createDraws(7, 1);
  const rows = 10_007;
  const { values, below, upTo } = distributionOf(
    sorted(Array.from({ length: rows }, () => (draw(2 ** 20) / 2 ** 20) ** 5)),
  );

  expect(values.length).toBe(251);
  for (let i = 1; i < values.length; i += 1) {
    expect((below[i] as number) - (upTo[i - 1] as number)).toBeLessThan(rows / 250);
  }
});

test('quantiles are values that so many rows do not exceed', () => {
  const distribution = distributionOf(sorted(Array.from({ length: 1_000 }, (_, i) => i + 1)));

  expect([0, 0.1, 0.5, 0.9, 1].map((share) => quantileOf(distribution, share))).toEqual([
    1, 100, 500, 900, 1_000,
  ]);
});

test('the share of rows up to a value grows on a straight line between two rows', () => {
  const distribution = distributionOf(Float64Array.of(10, 20, 20, 40));

  expect([9, 10, 15, 20, 30, 40, 99].map((value) => shareUpTo(distribution, value))).toEqual([
    0, 0.25, 0.25, 0.75, 0.75, 1, 1,
  ]);
});

test('the mean of numbers near the largest allowed one is finite', () => {
  expect(distributionOf(new Float64Array(1_000).fill(1e308)).mean).toBe(1e308);
});

test('a large column is sorted in slices as it is at once', async () => {
  const draw = createDraws(3, 1);
  const values = Float64Array.from({ length: 300_001 }, () => draw(100_000) - 50_000);
  let pauses = 0;
  const inSlices = await sortInSlices(values.slice(), () => {
    pauses += 1;
    return Promise.resolve();
  });

  expect(isEqual(inSlices, values.sort())).toBe(true);
  expect(pauses).toBeGreaterThan(10);
});

test.for([0, 1, 65_536, 65_537, 131_072, 131_073])('%i values are sorted', async (length) => {
  const values = Float64Array.from({ length }, (_, i) => (i * 7_919) % 104_729);

  const inSlices = await sortInSlices(values.slice(), () => Promise.resolve());

  expect(isEqual(inSlices, values.sort())).toBe(true);
});

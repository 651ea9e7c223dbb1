import fc from 'fast-check';
import { expect, test } from 'vitest';
import { regressionMetrics } from '../../../../src/domain/model/metrics.ts';

/** Ratings have one decimal, from 0 to 10. */
const rating = fc.integer({ min: 0, max: 100 }).map((tenths) => tenths / 10);
const ratings = fc.array(rating, { minLength: 1, maxLength: 50 });
const pairs = fc.array(fc.tuple(rating, rating), { minLength: 1, maxLength: 50 });

test('the metrics have the values computed by hand', () => {
  // Errors 1, -1, 0, -4: squares 18, sizes 6; the ratings' squares around their mean 2.5 are 5.
  expect(regressionMetrics([1, 2, 3, 4], [0, 3, 3, 8])).toEqual({
    rmse: Math.sqrt(18 / 4),
    mae: 6 / 4,
    r2: 1 - 18 / 5,
  });
});

test('perfect predictions have no error and explain everything', () => {
  fc.assert(
    fc.property(ratings, (actual) => {
      expect(regressionMetrics(actual, actual)).toEqual({ rmse: 0, mae: 0, r2: 1 });
    }),
  );
});

test('predicting the mean explains nothing', () => {
  fc.assert(
    fc.property(ratings, (actual) => {
      fc.pre(new Set(actual).size > 1);
      const mean = actual.reduce((sum, value) => sum + value, 0) / actual.length;

      expect(
        regressionMetrics(
          actual,
          actual.map(() => mean),
        ).r2,
      ).toBeCloseTo(0, 9);
    }),
  );
});

test('no prediction explains ratings that do not vary, unless it is exact', () => {
  fc.assert(
    fc.property(rating, fc.integer({ min: 1, max: 50 }), (value, rows) => {
      const actual = Array.from({ length: rows }, () => value);
      const off = actual.map(() => value + 0.1);

      expect(regressionMetrics(actual, actual).r2).toBe(1);
      expect(regressionMetrics(actual, off).r2).toBe(0);
    }),
  );
});

test('MAE never exceeds RMSE, and neither depends on the order of rows', () => {
  fc.assert(
    fc.property(pairs, (rows) => {
      const of = (list: typeof rows) =>
        regressionMetrics(
          list.map(([actual]) => actual),
          list.map(([, predicted]) => predicted),
        );
      const { rmse, mae } = of(rows);

      expect(mae).toBeLessThanOrEqual(rmse + 1e-9);
      expect(of([...rows].reverse()).rmse).toBeCloseTo(rmse, 9);
    }),
  );
});

test.for<[string, number[], number[]]>([
  ['no rows', [], []],
  ['a missing prediction', [1, 2], [1]],
  ['an extra prediction', [1], [1, 2]],
  ['a NaN among the ratings', [1, Number.NaN], [1, 2]],
  ['a NaN among the predictions', [1, 2], [Number.NaN, 2]],
  ['an infinite prediction', [1, 2], [1, Infinity]],
])('%s is refused, because JSON would turn the metric into null', ([, actual, predicted]) => {
  expect(() => regressionMetrics(actual, predicted)).toThrow(RangeError);
});

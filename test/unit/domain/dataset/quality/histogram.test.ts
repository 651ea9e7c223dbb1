import fc from 'fast-check';
import { expect, test } from 'vitest';
import { distributionOf } from '../../../../../src/domain/dataset/quality/distribution.ts';
import { histogramsOf } from '../../../../../src/domain/dataset/quality/histogram.ts';

const of = (values: readonly number[]) => distributionOf(Float64Array.from(values).sort());

test('both sides add up to 1 over the same growing bounds, whatever the values', () => {
  const values = fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1 });
  fc.assert(
    fc.property(values, values, (before, now) => {
      const pair = histogramsOf(of(before), of(now));

      for (const shares of [pair.before, pair.now]) {
        expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 9);
        expect(shares.every((share) => share >= -1e-12)).toBe(true);
        expect(shares).toHaveLength(pair.bounds.length - 1);
      }
      expect(pair.bounds.every(Number.isFinite)).toBe(true);
    }),
    // Values whose distance is infinite.
    {
      examples: [
        [[0], [-7.8e306, 1.797e308]],
        [
          [-1.7e308, 1.7e308],
          [5e-324, 1e-323],
        ],
      ],
    },
  );
});

test('equal rows have equal histograms', () => {
  const values = Array.from({ length: 500 }, (_, i) => Math.sqrt(i));
  const { before, now } = histogramsOf(of(values), of(values.toReversed()));

  expect(now).toEqual(before);
});

test('a shift is seen in the bins, and extremes do not hide it', () => {
  const before = Array.from({ length: 1_000 }, (_, i) => (i === 0 ? 1e12 : i % 10));
  const { bounds, before: then, now } = histogramsOf(of(before), of(before.map((value) => value + 10)));

  expect([bounds[0], bounds.at(-1)]).toEqual([0, 19]);
  expect(then.slice(12).reduce((sum, share) => sum + share, 0)).toBeCloseTo(0.001, 9);
  expect(now.slice(0, 12).reduce((sum, share) => sum + share, 0)).toBeCloseTo(0, 9);
});

test('columns of one value have one bin', () => {
  expect(histogramsOf(of([5, 5]), of([5]))).toEqual({ bounds: [5, 5], before: [1], now: [1] });
});

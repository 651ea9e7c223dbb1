import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { distributionOf } from '../../../../../src/domain/dataset/quality/distribution.ts';
import {
  measureDrift,
  populationStabilityIndex,
  psiByChance,
} from '../../../../../src/domain/dataset/quality/drift-measures.ts';
import { createDraws } from '../../../../../src/domain/model/draws.ts';

const sorted = (values: readonly number[]): Float64Array => Float64Array.from(values).sort();
const drift = (before: readonly number[], now: readonly number[]) =>
  measureDrift(distributionOf(sorted(before)), sorted(now), 0.001);

const rows = fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 1, maxLength: 300 });

function uniforms(seed: number, count: number): number[] {
  const draw = createDraws(seed, 1);
  return Array.from({ length: count }, () => draw(2 ** 20) / 2 ** 20);
}

describe('the population stability index', () => {
  test('is that of a worked example', () => {
    // (0.8 − 0.5) · ln(0.8 / 0.5) + (0.2 − 0.5) · ln(0.2 / 0.5)
    expect(populationStabilityIndex([50, 50], [800, 200])).toBeCloseTo(0.415888, 6);
  });

  test('counts an empty bin as a thousandth of the rows, however many they are', () => {
    const byHand = (0.9 - 1) * Math.log(0.9) + (0.1 - 0.001) * Math.log(0.1 / 0.001);

    expect(populationStabilityIndex([1_000, 0], [900, 100])).toBeCloseTo(byHand, 12);
    expect(populationStabilityIndex([1_000_000, 0], [900_000, 100_000])).toBeCloseTo(byHand, 12);
  });

  test('is symmetric in its two sides, and never negative', () => {
    const counts = fc.array(fc.integer({ min: 1, max: 1_000 }), { minLength: 2, maxLength: 12 });
    fc.assert(
      fc.property(counts, counts, (a, b) => {
        const bins = Math.min(a.length, b.length);
        const [one, other] = [a.slice(0, bins), b.slice(0, bins)];

        expect(populationStabilityIndex(one, other)).toBeCloseTo(populationStabilityIndex(other, one), 9);
        expect(populationStabilityIndex(one, other)).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  test('of a column over its deciles is that of counting by hand', () => {
    const before = Array.from({ length: 1_000 }, (_, i) => i + 1);
    const now = before.map((value) => value + 250);
    // Tenths of the earlier rows; today's: none in the first two, half of the third, and 350 in the last.
    const byHand = populationStabilityIndex(
      Array.from({ length: 10 }, () => 100),
      [0, 0, 50, 100, 100, 100, 100, 100, 100, 350],
    );

    expect(drift(before, now).psi).toBeCloseTo(byHand, 12);
  });
});

describe('the Kolmogorov–Smirnov statistic', () => {
  test('is the largest difference of the cumulative shares, as brute force finds it', () => {
    fc.assert(
      fc.property(rows, rows, (before, now) => {
        const shareOf = (values: readonly number[], upTo: number) =>
          values.filter((value) => value <= upTo).length / values.length;
        let largest = 0;
        for (const at of [...before, ...now]) {
          largest = Math.max(largest, Math.abs(shareOf(before, at) - shareOf(now, at)));
        }

        expect(drift(before, now).ks).toBeCloseTo(largest, 12);
      }),
    );
  });

  test('of large columns falls short of the exact one by less than 1/250', () => {
    const before = uniforms(1, 20_000);
    const now = uniforms(2, 10_000).map((value) => value ** 1.3);
    const at = (values: Float64Array, upTo: number) => values.findLastIndex((value) => value <= upTo) + 1;
    const [a, b] = [sorted(before), sorted(now)];
    let exact = 0;
    for (let x = 0; x <= 1; x += 0.001) {
      exact = Math.max(exact, Math.abs(at(a, x) / a.length - at(b, x) / b.length));
    }
    const { ks } = drift(before, now);

    expect(ks).toBeGreaterThan(exact - 1 / 250);
    expect(ks).toBeLessThan(exact + 0.001);
  });
});

describe('drift', () => {
  test('of equal rows is zero', () => {
    fc.assert(
      fc.property(rows, (values) => {
        expect(drift(values, values.toReversed())).toMatchObject({ psi: 0, ks: 0 });
      }),
    );
  });

  test('does not depend on the unit, or on any growing function of both sides', () => {
    const cube = (values: readonly number[]) => values.map((value) => value ** 3 * 1_000 + 5);
    fc.assert(
      fc.property(rows, rows, (before, now) => {
        expect(drift(cube(before), cube(now))).toEqual(drift(before, now));
      }),
    );
  });

  test.for<[what: string, before: (i: number) => number, now: (i: number) => number]>([
    ['a column that had one value', () => 5, () => 4],
    ['the value that most rows shared', (i) => (i % 20 === 0 ? 6 : 5), (i) => (i % 20 === 0 ? 6 : 4)],
    ['the shares of two values', (i) => Number(i % 4 === 0), (i) => Number(i % 4 !== 0)],
    ['rows beyond the former extremes', (i) => i % 10, (i) => (i % 10) + (i % 3 === 0 ? 1e6 : 0)],
  ])('sees a change of %s', ([, before, now]) => {
    const index = Array.from({ length: 1_000 }, (_value, i) => i);
    const { psi, chance } = drift(index.map(before), index.map(now));

    expect(psi).toBeGreaterThan(0.25);
    expect(psi).toBeGreaterThan(chance);
  });
});

describe('the index that chance explains', () => {
  // Quantiles of χ² as in tables.
  test.for<[bins: number, probability: number, quantile: number]>([
    [10, 0.05, 16.919],
    [10, 0.001, 27.877],
    [12, 0.01, 24.725],
    [3, 0.01, 9.21],
  ])('of %i bins is exceeded with probability %d', ([bins, probability, quantile]) => {
    expect(psiByChance(bins, 200, 300, probability) / (1 / 200 + 1 / 300) / quantile).toBeCloseTo(1, 1.7);
  });

  test.for<[n: number, m: number]>([
    [200, 200],
    [160, 2_000],
  ])('is rarely exceeded by two samples of one population: %i and %i rows', ([n, m]) => {
    const trials = 1_000;
    let alarms = 0;
    for (let seed = 0; seed < trials; seed += 1) {
      const { psi, chance } = measureDrift(
        distributionOf(sorted(uniforms(2 * seed + 1, n))),
        sorted(uniforms(2 * seed + 2, m)),
        0.01,
      );
      if (psi > chance) alarms += 1;
    }

    // 10 are expected, with a standard deviation of 3. The seeds are fixed, so this is no matter of luck.
    expect(alarms).toBeLessThan(25);
    expect(alarms).toBeGreaterThan(1);
  });
});

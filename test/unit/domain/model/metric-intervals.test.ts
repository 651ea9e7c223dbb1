import { describe, expect, test } from 'vitest';
import { metricIntervals } from '../../../../src/domain/model/metric-intervals.ts';
import { regressionMetrics } from '../../../../src/domain/model/metrics.ts';

const ROWS = 200;
const actual = Float64Array.from({ length: ROWS }, (_, i) => 3 + ((i * 37) % 101) / 20);
const predicted = actual.map((value, i) => value + ((i * 53) % 97) / 60 - 0.8);
const noPause = async (): Promise<void> => undefined;

describe('the intervals of a model’s metrics', () => {
  test('are those of scipy', async () => {
    const found = await metricIntervals(actual, predicted, 1, noPause);

    // scipy.stats.bootstrap 1.17.1, paired, percentile, 100,000 resamples.
    const expected = { rmse: [0.43838, 0.49626], mae: [0.37308, 0.43767], r2: [0.87761, 0.9134] } as const;
    for (const [name, [low, high]] of Object.entries(expected)) {
      const interval = found[name as keyof typeof expected];
      const tolerance = 0.06 * (high - low);
      expect(Math.abs(interval[0] - low)).toBeLessThan(tolerance);
      expect(Math.abs(interval[1] - high)).toBeLessThan(tolerance);
    }
  });

  test('contain the metrics themselves', async () => {
    const metrics = regressionMetrics(actual, predicted);
    const found = await metricIntervals(actual, predicted, 7, noPause);

    for (const name of ['rmse', 'mae', 'r2'] as const) {
      expect(found[name][0]).toBeLessThan(metrics[name]);
      expect(found[name][1]).toBeGreaterThan(metrics[name]);
    }
  });

  test('are the same for the same seed', async () => {
    const [first, again] = [7, 7].map((seed) => metricIntervals(actual, predicted, seed, noPause));

    expect(await again).toEqual(await first);
  });

  test.for([
    ['predicted exactly', 6.5, 1],
    ['missed', 7, 0],
  ] as const)('of equal ratings that are %s, R² is as the metric defines it', async ([, value, r2]) => {
    // The sum of these is not exact.
    const equal = new Float64Array(7).fill(6.5);
    const found = await metricIntervals(equal, new Float64Array(7).fill(value), 1, noPause);

    expect(found.r2).toEqual([r2, r2]);
  });
});

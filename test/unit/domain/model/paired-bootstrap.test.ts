import { describe, expect, test } from 'vitest';
import { createDraws } from '../../../../src/domain/model/draws.ts';
import { rmseDifferenceInterval as interval } from '../../../../src/domain/model/paired-bootstrap.ts';

/** Roughly normal: a sum of twelve uniforms. */
function createNormals(seed: number): () => number {
  const draw = createDraws(seed, 1);
  return () => Array.from({ length: 12 }, () => draw(2 ** 20) / 2 ** 20).reduce((a, b) => a + b, -6);
}

/** Errors of two models on the same rows: a shared part for each row, and a part of each model's own. */
function errorsOfTwo(seed: number, rows: number, [ownA, ownB]: readonly [number, number]) {
  const next = createNormals(seed);
  const shared = Array.from({ length: rows }, next);
  return [ownA, ownB].map((own) => shared.map((error) => error + own * next())) as [number[], number[]];
}

let pauses = 0;

function rmseDifferenceInterval(a: ArrayLike<number>, b: ArrayLike<number>, seed: number) {
  pauses = 0;
  return interval(a, b, seed, async () => {
    pauses += 1;
  });
}

const widthOf = ([low, high]: readonly [number, number]): number => high - low;

describe('the interval of the difference of two RMSEs', () => {
  // scipy.stats.bootstrap 1.17.1, paired, percentile, 100,000 resamples; its own ends vary by 0.0005 with the seed.
  test.for([
    ['two models with little in common', (_: number, b: number) => b, [0.0711, 0.1622]],
    ['two models that are almost equal', (a: number, b: number) => a + 0.1 * b, [-0.01095, 0.00206]],
  ] as const)('is that of scipy for %s', async ([, other, [low, high]]) => {
    const a = Array.from({ length: 200 }, (_, i) => ((i * 37) % 101) / 50 - 1);
    const b = a.map((error, i) => other(error, ((i * 53) % 97) / 60 - 0.8));
    const width = high - low;

    for (const seed of [1, 2, 3]) {
      const interval = await rmseDifferenceInterval(a, b, seed);
      expect(Math.abs(interval[0] - low)).toBeLessThan(0.06 * width);
      expect(Math.abs(interval[1] - high)).toBeLessThan(0.06 * width);
    }
  });

  test('is the same for the same seed, and differs for another seed', async () => {
    const [a, b] = errorsOfTwo(1, 100, [0.5, 0.5]);

    expect(await rmseDifferenceInterval(a, b, 7)).toEqual(await rmseDifferenceInterval(a, b, 7));
    expect(await rmseDifferenceInterval(a, b, 7)).not.toEqual(await rmseDifferenceInterval(a, b, 8));
  });

  test('is 0 to 0 for a model and itself', async () => {
    const [a] = errorsOfTwo(1, 100, [0.5, 0.5]);

    expect(await rmseDifferenceInterval(a, [...a], 7)).toEqual([0, 0]);
  });

  test('contains the true difference about 95 times in 100', async () => {
    // RMSE of a sum of independent errors: √(1 + own²).
    const truth = Math.sqrt(1 + 0.6 ** 2) - Math.sqrt(1 + 0.4 ** 2);
    const simulations = 300;
    let covered = 0;
    for (let i = 0; i < simulations; i += 1) {
      const [low, high] = await rmseDifferenceInterval(...errorsOfTwo(i + 1, 150, [0.6, 0.4]), i);
      if (low <= truth && truth <= high) covered += 1;
    }

    expect(covered / simulations).toBeGreaterThan(0.91);
    expect(covered / simulations).toBeLessThan(0.99);
  });

  test('halves when there are four times as many rows', async () => {
    const few = widthOf(await rmseDifferenceInterval(...errorsOfTwo(5, 500, [0.5, 0.5]), 1));
    const many = widthOf(await rmseDifferenceInterval(...errorsOfTwo(6, 2_000, [0.5, 0.5]), 1));

    expect(few / many).toBeGreaterThan(1.6);
    expect(few / many).toBeLessThan(2.5);
  });

  test('is far narrower than one that does not pair the rows', async () => {
    const [a, b] = errorsOfTwo(5, 400, [0.2, 0.2]);
    const paired = widthOf(await rmseDifferenceInterval(a, b, 1));
    // The same errors in another order: no row is compared with itself any more.
    const unpaired = widthOf(await rmseDifferenceInterval(a, [...b.slice(200), ...b.slice(0, 200)], 1));

    expect(paired).toBeLessThan(unpaired / 2);
  });

  test('is refused for rows that cannot be paired', async () => {
    await expect(rmseDifferenceInterval([1, 2], [1], 1)).rejects.toThrow('2 and 1 values');
    await expect(rmseDifferenceInterval([], [], 1)).rejects.toThrow('0 and 0 values');
  });

  test('of very many rows is as wide as theory predicts', async () => {
    const rows = 1_000_003;
    const next = createNormals(3);
    const [a, b] = [Array.from({ length: rows }, next), Array.from({ length: rows }, next)];
    // Delta method: each RMSE of errors N(0, 1) varies by √(1 / 2n).
    const expected = 2 * 1.96 * Math.sqrt(1 / rows);

    expect(widthOf(await rmseDifferenceInterval(a, b, 1)) / expected).toBeCloseTo(1, 1);
    // 20,000,000 draws.
    expect(pauses).toBeGreaterThan(30);
  });
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Prediction } from '../../../../src/domain/log/prediction.ts';
import { SAMPLE_SIZE, samplePredictions } from '../../../../src/domain/run/report.ts';
import { numbersBelow } from '../../../support/unit/rating-table.ts';

function predictionOf(rowId: number | null): Prediction {
  const source = { topic: 'a1', partition: 0, offset: 0 };
  return { key: `key-${rowId}`, rowId, prediction: 6.5, actual: 7, modelVersion: 'v', source };
}

test('samples are distinct rows from the whole stream, up to the limit', () => {
  fc.assert(
    fc.property(fc.nat(2_000), (count) => {
      const rows = samplePredictions(numbersBelow(count).map(predictionOf), new Map()).map(
        ({ rowId }) => rowId ?? -1,
      );

      expect(new Set(rows).size).toBe(Math.min(count, SAMPLE_SIZE));
      expect(rows).toEqual([...rows].sort((a, b) => a - b));
      expect(rows.at(-1) ?? 0).toBeGreaterThanOrEqual(Math.floor(count * (1 - 1 / SAMPLE_SIZE)) - 1);
    }),
  );
});

test('a row without a title, or without a number, is shown by its key', () => {
  const titles = new Map([[2, 'Alien']]);

  expect(samplePredictions([2, 3, null].map(predictionOf), titles).map(({ title }) => title)).toEqual([
    'Alien',
    'key-3',
    'key-null',
  ]);
});

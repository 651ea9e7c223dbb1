import fc from 'fast-check';
import { expect, test } from 'vitest';
import { batchRowsOfPlan, batchRowsOfRun } from '../../../../src/domain/stream/batch-size.ts';

const ROOM = { lanes: 4, most: 10_000 };

test.for([
  ['few rows make several batches, so that progress is seen', 370, 100],
  ['more rows make four batches for each lane', 22_800, 1_425],
  ['many rows make the largest batches', 228_060, 10_000],
] as const)('in a run, %s', ([, rows, expected]) => {
  expect(batchRowsOfRun(rows, ROOM)).toBe(expected);
});

test.for([
  ['few new rows are one batch', 900, 1_000],
  ['more rows are one batch for each lane', 12_000, 3_000],
  ['a large backlog makes the largest batches', 100_000, 10_000],
] as const)('in a continuous stream, %s', ([, rows, expected]) => {
  expect(batchRowsOfPlan(rows, ROOM)).toBe(expected);
});

test('no batch has more rows than allowed, nor none', () => {
  const count = fc.integer({ min: 1, max: 1_000_000 });
  fc.assert(
    fc.property(count, fc.integer({ min: 1, max: 100 }), count, (rows, lanes, most) => {
      for (const batchRows of [batchRowsOfRun, batchRowsOfPlan]) {
        const chosen = batchRows(rows, { lanes, most });
        expect(chosen).toBeGreaterThanOrEqual(1);
        expect(chosen).toBeLessThanOrEqual(most);
      }
    }),
  );
});

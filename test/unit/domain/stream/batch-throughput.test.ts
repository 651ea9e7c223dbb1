import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addThroughput, type BatchThroughput } from '../../../../src/domain/stream/batch-throughput.ts';
import { numbersBelow } from '../../../support/unit/rating-table.ts';

/** The share of a stream's result in the 16 kB of a payload. */
const MAX_BYTES = 5_000;

function countAll(order: readonly number[], rowsEach: number, seconds: number): readonly BatchThroughput[] {
  return order.reduce<readonly BatchThroughput[]>(
    (soFar, batch) => addThroughput(soFar, { batch, rows: rowsEach, seconds }, order.length),
    [],
  );
}

test('no batch is lost or counted twice in any order, and the groups are ordered', () => {
  const orders = fc
    .integer({ min: 1, max: 700 })
    .chain((count) => fc.shuffledSubarray(numbersBelow(count), { minLength: count }));
  fc.assert(
    fc.property(orders, (order) => {
      const groups = countAll(order, 7, 0.1);
      const firsts = groups.map(({ batch }) => batch);

      expect(groups.reduce((sum, { batches }) => sum + batches, 0)).toBe(order.length);
      expect(groups.reduce((sum, { rows }) => sum + rows, 0)).toBe(7 * order.length);
      expect(groups.reduce((sum, { seconds }) => sum + seconds, 0)).toBeCloseTo(0.1 * order.length, 6);
      expect(firsts).toEqual([...new Set(firsts)].sort((a, b) => a - b));
      expect(groups).toEqual(countAll([...order].reverse(), 7, 0.1));
    }),
    { numRuns: 30 },
  );
});

test('a stream of few batches keeps each of them', () => {
  expect(countAll([1, 0, 2], 10, 0.25)).toEqual(
    [0, 1, 2].map((batch) => ({ batch, batches: 1, rows: 10, seconds: 0.25 })),
  );
});

test.for([60, 61, 12_345])('%d long batches of many rows fit into a payload', (count) => {
  const groups = countAll(numbersBelow(count), 123_456, 12_345.678);

  expect(groups.length).toBeLessThanOrEqual(60);
  expect(JSON.stringify(groups).length).toBeLessThan(MAX_BYTES);
});

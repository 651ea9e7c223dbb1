import fc from 'fast-check';
import { expect, test } from 'vitest';
import { gather, sortedOrder } from '../../../src/domain/order.ts';

const noPause = async (): Promise<void> => undefined;
const values = fc.array(fc.oneof(fc.maxSafeNat(), fc.nat(5), fc.constant(Number.NaN)), { maxLength: 60 });

test('an order sorts integers of any size, NaN as 0, and keeps equal ones as they were', async () => {
  await fc.assert(
    fc.asyncProperty(values, async (list) => {
      const valueAt = (position: number): number => {
        const value = list[position] as number;
        return Number.isNaN(value) ? 0 : value;
      };
      const expected = [...list.keys()].sort((a, b) => valueAt(a) - valueAt(b));

      expect([...(await sortedOrder(Float64Array.from(list), noPause))]).toEqual(expected);
    }),
  );
});

test('sorting by offset, then by partition, sorts by both', async () => {
  const place = fc.tuple(fc.nat(3), fc.nat(100_000));
  await fc.assert(
    fc.asyncProperty(fc.array(place, { maxLength: 60 }), async (places) => {
      const partitions = Int32Array.from(places, ([partition]) => partition);
      const offsets = Float64Array.from(places, ([, offset]) => offset);
      const order = await sortedOrder(partitions, noPause, await sortedOrder(offsets, noPause));
      const sorted = places.toSorted(([a, x], [b, y]) => a - b || x - y);

      expect([...gather(partitions, order)]).toEqual(sorted.map(([partition]) => partition));
      expect([...gather(offsets, order)]).toEqual(sorted.map(([, offset]) => offset));
    }),
  );
});

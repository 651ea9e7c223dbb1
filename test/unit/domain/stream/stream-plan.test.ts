import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { OffsetRange } from '../../../../src/domain/log/offsets.ts';
import {
  advance,
  isBehind,
  lagOf,
  mergeRanges,
  planTrigger,
  resumeFrom,
  watermarkOf,
  withNewPartitions,
  type PartitionOffset,
} from '../../../../src/domain/stream/stream-plan.ts';

const partitions = fc.array(fc.record({ from: fc.nat(1_000), rows: fc.nat(1_000) }), { maxLength: 12 });
const toPosition = (all: readonly { from: number }[]) =>
  all.map(({ from }, partition) => ({ partition, offset: from }));
const toEnds = (all: readonly { from: number; rows: number }[]) =>
  all.map(({ from, rows }, partition) => ({ partition, offset: from + rows }));
const countOf = (ranges: readonly OffsetRange[]) =>
  ranges.reduce((sum, { offsetFrom, offsetTo }) => sum + offsetTo - offsetFrom, 0);

describe('what a trigger plans', () => {
  test('begins at the position, ends before the end, and is as large as allowed', () => {
    fc.assert(
      fc.property(partitions, fc.integer({ min: 1, max: 5_000 }), (all, maxRows) => {
        const ranges = planTrigger(toPosition(all), toEnds(all), maxRows);

        expect(countOf(ranges)).toBe(
          Math.min(
            maxRows,
            all.reduce((sum, { rows }) => sum + rows, 0),
          ),
        );
        for (const { partition, offsetFrom, offsetTo } of ranges) {
          expect(offsetFrom).toBe(all[partition]?.from);
          expect(offsetTo).toBeGreaterThan(offsetFrom);
          expect(offsetTo).toBeLessThanOrEqual((all[partition]?.from ?? 0) + (all[partition]?.rows ?? 0));
        }
      }),
    );
  });

  test('gives partitions with as many rows equal shares, except for one row', () => {
    fc.assert(
      fc.property(partitions, fc.integer({ min: 1, max: 5_000 }), (all, maxRows) => {
        const ranges = planTrigger(toPosition(all), toEnds(all), maxRows);
        const share = all.map((_, partition) =>
          countOf(ranges.filter((range) => range.partition === partition)),
        );
        const largest = Math.max(0, ...share);

        // A partition with less than the largest share, rounding aside, got all it had.
        all.forEach(({ rows }, partition) => {
          if ((share[partition] ?? 0) < largest - 1) expect(share[partition]).toBe(rows);
        });
      }),
    );
  });

  test('starves no quiet partition beside a busy one', () => {
    const position = [0, 1, 2].map((partition) => ({ partition, offset: 0 }));
    const ends = [1_000_000, 7, 20].map((offset, partition) => ({ partition, offset }));

    expect(planTrigger(position, ends, 100)).toEqual([
      { partition: 0, offsetFrom: 0, offsetTo: 73 },
      { partition: 1, offsetFrom: 0, offsetTo: 7 },
      { partition: 2, offsetFrom: 0, offsetTo: 20 },
    ]);
  });
});

const range = fc
  .record({ partition: fc.nat(3), offsetFrom: fc.nat(60), rows: fc.integer({ min: 1, max: 15 }) })
  .map(({ partition, offsetFrom, rows }) => ({ partition, offsetFrom, offsetTo: offsetFrom + rows }));
const WATERMARK: PartitionOffset[] = [0, 1, 2, 3].map((partition) => ({ partition, offset: 5 * partition }));

function covered(ranges: readonly OffsetRange[], partition: number, offset: number): boolean {
  return ranges.some(
    (one) => one.partition === partition && one.offsetFrom <= offset && offset < one.offsetTo,
  );
}

describe('where a stream continues', () => {
  test('is every offset that is neither below the watermark nor finished, and no other', () => {
    fc.assert(
      fc.property(fc.array(range, { maxLength: 12 }), (finished) => {
        const { position, backlog } = resumeFrom(WATERMARK, finished);

        for (const { partition, offset: mark } of WATERMARK) {
          const next = position.find((known) => known.partition === partition)?.offset ?? -1;
          for (let offset = 0; offset < 90; offset += 1) {
            const isToBeScored = covered(backlog, partition, offset) || offset >= next;
            expect(isToBeScored).toBe(offset >= mark && !covered(finished, partition, offset));
          }
        }
        // No offset is planned twice.
        expect(countOf(mergeRanges(backlog))).toBe(countOf(backlog));
      }),
    );
  });

  test('merging ranges keeps every offset above the watermark in the fewest ranges', () => {
    fc.assert(
      fc.property(fc.array(range, { maxLength: 12 }), (ranges) => {
        const merged = mergeRanges(ranges, WATERMARK);

        for (const { partition, offset: mark } of WATERMARK) {
          for (let offset = mark; offset < 90; offset += 1) {
            expect(covered(merged, partition, offset)).toBe(covered(ranges, partition, offset));
          }
        }
        merged.slice(1).forEach((next, i) => {
          const last = merged[i] as OffsetRange;
          expect(last.partition < next.partition || last.offsetTo < next.offsetFrom).toBe(true);
        });
      }),
    );
  });
});

test('the watermark stops at the first unfinished range of each partition', () => {
  const position = [
    { partition: 0, offset: 50 },
    { partition: 1, offset: 50 },
  ];
  const unfinished = [
    { partition: 0, offsetFrom: 40, offsetTo: 50 },
    { partition: 0, offsetFrom: 10, offsetTo: 20 },
  ];

  expect(watermarkOf(position, unfinished)).toEqual([
    { partition: 0, offset: 10 },
    { partition: 1, offset: 50 },
  ]);
});

test('a new partition is read from its first record, known ones stay where they are', () => {
  const offsets = [
    { partition: 0, low: 3, high: 9 },
    { partition: 1, low: 2, high: 4 },
  ];

  expect(withNewPartitions([{ partition: 0, offset: 7 }], offsets)).toEqual([
    { partition: 0, offset: 7 },
    { partition: 1, offset: 2 },
  ]);
});

test('a position moves to the end of what was planned, never back', () => {
  const position = [{ partition: 0, offset: 10 }];

  expect(advance(position, [{ partition: 0, offsetFrom: 10, offsetTo: 15 }])).toEqual([
    { partition: 0, offset: 15 },
  ]);
  expect(advance(position, [{ partition: 0, offsetFrom: 2, offsetTo: 5 }])).toEqual(position);
  expect(isBehind(position, [{ partition: 0, offset: 11 }])).toBe(true);
  expect(isBehind(position, [{ partition: 0, offset: 10 }])).toBe(false);
});

test('lag is the number of offsets between the watermark and the end', () => {
  const watermark = [
    { partition: 0, offset: 10 },
    { partition: 1, offset: 4 },
  ];

  expect(
    lagOf(watermark, [
      { partition: 0, high: 15 },
      { partition: 1, high: 4 },
    ]),
  ).toBe(5);
});

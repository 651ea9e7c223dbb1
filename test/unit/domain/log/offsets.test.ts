import fc from 'fast-check';
import { expect, test } from 'vitest';
import { combineContentHashes, EMPTY_CONTENT_HASH } from '../../../../src/domain/log/content-hash.ts';
import {
  describeRanges,
  manifestTotals,
  mergeManifests,
  planMicroBatches,
  toOffset,
  type OffsetRange,
  type TopicManifest,
} from '../../../../src/domain/log/offsets.ts';

const ranges: fc.Arbitrary<OffsetRange[]> = fc
  .uniqueArray(
    fc.record({
      partition: fc.nat(20),
      offsetFrom: fc.nat(1_000),
      length: fc.nat(300),
    }),
    { selector: ({ partition }) => partition, maxLength: 6 },
  )
  .map((parts) =>
    parts.map(({ partition, offsetFrom, length }) => ({
      partition,
      offsetFrom,
      offsetTo: offsetFrom + length,
    })),
  );
const batchRows = fc.integer({ min: 1, max: 200 });

function placesOf(parts: readonly OffsetRange[]): string[] {
  return parts.flatMap(({ partition, offsetFrom, offsetTo }) =>
    Array.from({ length: offsetTo - offsetFrom }, (_, i) => `${partition}@${offsetFrom + i}`),
  );
}

test('micro-batches cover every offset of the ranges exactly once, in order', () => {
  fc.assert(
    fc.property(ranges, batchRows, (parts, rows) => {
      expect(placesOf(planMicroBatches(parts, rows).flat())).toEqual(placesOf(parts));
    }),
  );
});

test('every micro-batch but the last is full, and none is larger', () => {
  fc.assert(
    fc.property(ranges, batchRows, (parts, rows) => {
      const sizes = planMicroBatches(parts, rows).map((batch) => placesOf(batch).length);
      const total = placesOf(parts).length;

      expect(sizes).toHaveLength(Math.ceil(total / rows));
      expect(sizes.slice(0, -1).every((size) => size === rows)).toBe(true);
      expect(sizes.at(-1) ?? rows).toBeLessThanOrEqual(rows);
    }),
  );
});

test('a replay plans the same batches, without an empty range among them', () => {
  fc.assert(
    fc.property(ranges, batchRows, (parts, rows) => {
      const plan = planMicroBatches(parts, rows);

      expect(planMicroBatches(structuredClone(parts), rows)).toEqual(plan);
      expect(plan.flat().every(({ offsetFrom, offsetTo }) => offsetFrom < offsetTo)).toBe(true);
    }),
  );
});

test('a batch is filled from the next partition when one runs out', () => {
  const plan = planMicroBatches(
    [
      { partition: 0, offsetFrom: 10, offsetTo: 13 },
      { partition: 2, offsetFrom: 0, offsetTo: 4 },
    ],
    5,
  );

  expect(plan).toEqual([
    [
      { partition: 0, offsetFrom: 10, offsetTo: 13 },
      { partition: 2, offsetFrom: 0, offsetTo: 2 },
    ],
    [{ partition: 2, offsetFrom: 2, offsetTo: 4 }],
  ]);
});

test.for(['9007199254740991', '0', '-1'])('the offset %s becomes a number', (text) => {
  expect(String(toOffset(text))).toBe(text);
});

test.for(['9007199254740992', '9223372036854775807', '', ' ', '1.5', '1e3', '0x10', 'NaN', 'missing'])(
  'the offset %j is refused, not rounded',
  (text) => {
    expect(() => toOffset(text)).toThrow(RangeError);
  },
);

test('ranges are described with both ends inclusive, as Kafka’s tools print them', () => {
  expect(
    describeRanges('a1', [
      { partition: 0, offsetFrom: 700, offsetTo: 800 },
      { partition: 2, offsetFrom: 0, offsetTo: 18 },
    ]),
  ).toBe('a1[0]@700..799, a1[2]@0..17');
});

const digest = fc
  .bigInt({ min: 0n, max: 2n ** 128n - 1n })
  .map((value) => value.toString(16).padStart(32, '0'));
const manifest: fc.Arbitrary<TopicManifest> = fc
  .uniqueArray(
    fc.record({
      partition: fc.nat(3),
      offsetFrom: fc.nat(1_000),
      offsets: fc.integer({ min: 1, max: 50 }),
      records: fc.integer({ min: 1, max: 50 }),
      contentHash: digest,
    }),
    { selector: ({ partition }) => partition },
  )
  .map((partitions) => ({
    topic: 'a1',
    partitions: partitions.map(({ offsets, ...rest }) => ({ ...rest, offsetTo: rest.offsetFrom + offsets })),
  }));

test('a merged manifest promises the records and the content of all its parts', () => {
  fc.assert(
    fc.property(fc.array(manifest), (parts) => {
      const totals = parts.map(manifestTotals);

      expect(manifestTotals(mergeManifests('a1', parts))).toEqual({
        records: totals.reduce((sum, { records }) => sum + records, 0),
        contentHash: combineContentHashes(totals.map(({ contentHash }) => contentHash)),
      });
    }),
  );
});

test('a merged manifest has each partition once, sorted, spanning all its parts', () => {
  fc.assert(
    fc.property(fc.array(manifest), (parts) => {
      const all = parts.flatMap(({ partitions }) => partitions);
      const numbers = [...new Set(all.map(({ partition }) => partition))].sort((a, b) => a - b);

      expect(
        mergeManifests('a1', parts).partitions.map(({ partition, offsetFrom, offsetTo }) => ({
          partition,
          offsetFrom,
          offsetTo,
        })),
      ).toEqual(
        numbers.map((partition) => {
          const mine = all.filter((candidate) => candidate.partition === partition);
          return {
            partition,
            offsetFrom: Math.min(...mine.map(({ offsetFrom }) => offsetFrom)),
            offsetTo: Math.max(...mine.map(({ offsetTo }) => offsetTo)),
          };
        }),
      );
    }),
  );
});

test('a merge of nothing is an empty manifest', () => {
  expect(mergeManifests('a1', [])).toEqual({ topic: 'a1', partitions: [] });
  expect(manifestTotals({ topic: 'a1', partitions: [] })).toEqual({
    records: 0,
    contentHash: EMPTY_CONTENT_HASH,
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { contentHashOf, type HashedRecord } from '../../../../src/domain/log/content-hash.ts';
import { manifestTotals } from '../../../../src/domain/log/offsets.ts';
import {
  afterTransaction,
  createRowComparison,
  unpublished,
  type PublicationProgress,
} from '../../../../src/domain/log/publication.ts';

const TOPIC = 'a1';
const recordOf = (row: number): HashedRecord => ({ key: `row-${row}`, value: '' });
const recordsOf = (count: number): HashedRecord[] => Array.from({ length: count }, (_, row) => recordOf(row));

/** After transactions with so many rows each. */
function progressOf(transactions: readonly number[], isComplete: boolean): PublicationProgress {
  let progress = unpublished(TOPIC);
  let row = 0;
  for (const [i, records] of transactions.entries()) {
    const contentHash = contentHashOf(Array.from({ length: records }, () => recordOf(row++)));
    const range = { partition: i % 2, offsetFrom: row * 2, offsetTo: row * 2 + records };
    const partitions = records === 0 ? [] : [{ ...range, records, contentHash }];
    progress = afterTransaction(progress, { topic: TOPIC, partitions }, isComplete);
  }
  return progress;
}

/** @returns how many rows of the table are left to be published */
function compare(progress: PublicationProgress, records: readonly HashedRecord[]): number {
  const comparison = createRowComparison(progress);
  let left = 0;
  for (const record of records) {
    if (comparison.isDone()) left += 1;
    else comparison.add(record);
  }
  comparison.finish();
  return left;
}

const anyTransactions = fc.array(fc.nat({ max: 5 }), { minLength: 1, maxLength: 6 });
const sumOf = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0);

describe('the manifest of a publication in several transactions', () => {
  test('is their sum, by partition', () => {
    const { manifest } = progressOf([3, 2, 4], true);
    expect(manifest.partitions.map(({ partition, records }) => [partition, records])).toEqual([
      [0, 7],
      [1, 2],
    ]);
    expect(manifestTotals(manifest)).toEqual({ records: 9, contentHash: contentHashOf(recordsOf(9)) });
  });
});

describe('a retry', () => {
  test('publishes the rows of its table that are not committed, and no other', () => {
    fc.assert(
      fc.property(anyTransactions, fc.nat({ max: 10 }), (transactions, more) => {
        const progress = progressOf(transactions, false);
        expect(compare(progress, recordsOf(sumOf(transactions) + more))).toBe(more);
      }),
    );
  });

  test('publishes nothing after the last transaction', () => {
    fc.assert(
      fc.property(anyTransactions, (transactions) => {
        expect(compare(progressOf(transactions, true), recordsOf(sumOf(transactions)))).toBe(0);
      }),
    );
  });

  test.for([
    [
      'another row among those that are committed',
      false,
      [recordOf(0), recordOf(7), recordOf(2), recordOf(3)],
    ],
    ['fewer rows than are committed', false, recordsOf(2)],
    ['more rows than were published', true, recordsOf(4)],
    ['fewer rows than were published', true, recordsOf(2)],
    ['no rows', true, []],
  ] as const)('whose table has %s is refused', ([, isComplete, records]) => {
    expect(() => compare(progressOf([2, 1], isComplete), records)).toThrow(
      expect.objectContaining({
        name: 'ReconciliationError',
        message: expect.stringMatching(
          /other records under the same name \[a1\].*start a new run/,
        ) as unknown,
      }) as Error,
    );
  });

  test('refuses another row before it publishes the next one', () => {
    const comparison = createRowComparison(progressOf([2], false));
    comparison.add(recordOf(0));
    expect(() => {
      comparison.add(recordOf(7));
    }).toThrow('other records');
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { contentHashOf } from '../../../../src/domain/log/content-hash.ts';
import { manifestTotals } from '../../../../src/domain/log/offsets.ts';
import {
  afterTransaction,
  createRowComparison,
  unpublished,
  type PublicationProgress,
} from '../../../../src/domain/log/publication.ts';

const TOPIC = 'a1';
/** One more or less is another row. */
const digestOf = (row: number): string => String(row + 1).padStart(32, '0');
const digestsOf = (count: number): string[] => Array.from({ length: count }, (_, row) => digestOf(row));

/** After transactions with so many rows each. */
function progressOf(transactions: readonly number[], isComplete: boolean): PublicationProgress {
  let progress = unpublished(TOPIC);
  let row = 0;
  for (const [i, records] of transactions.entries()) {
    const contentHash = contentHashOf(Array.from({ length: records }, () => digestOf(row++)));
    const range = { partition: i % 2, offsetFrom: row * 2, offsetTo: row * 2 + records };
    const partitions = records === 0 ? [] : [{ ...range, records, contentHash }];
    progress = afterTransaction(progress, { topic: TOPIC, partitions }, isComplete);
  }
  return progress;
}

/** @returns how many rows of the table are left to be published */
function compare(progress: PublicationProgress, digests: readonly string[]): number {
  const comparison = createRowComparison(progress);
  let left = 0;
  for (const digest of digests) {
    if (comparison.isDone()) left += 1;
    else comparison.add(digest);
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
    expect(manifestTotals(manifest)).toEqual({ records: 9, contentHash: contentHashOf(digestsOf(9)) });
  });
});

describe('a retry', () => {
  test('publishes the rows of its table that are not committed, and no other', () => {
    fc.assert(
      fc.property(anyTransactions, fc.nat({ max: 10 }), (transactions, more) => {
        const progress = progressOf(transactions, false);
        expect(compare(progress, digestsOf(sumOf(transactions) + more))).toBe(more);
      }),
    );
  });

  test('publishes nothing after the last transaction', () => {
    fc.assert(
      fc.property(anyTransactions, (transactions) => {
        expect(compare(progressOf(transactions, true), digestsOf(sumOf(transactions)))).toBe(0);
      }),
    );
  });

  test.for([
    [
      'another row among those that are committed',
      false,
      [digestOf(0), digestOf(7), digestOf(2), digestOf(3)],
    ],
    ['fewer rows than are committed', false, digestsOf(2)],
    ['more rows than were published', true, digestsOf(4)],
    ['fewer rows than were published', true, digestsOf(2)],
    ['no rows', true, []],
  ] as const)('whose table has %s is refused', ([, isComplete, digests]) => {
    expect(() => compare(progressOf([2, 1], isComplete), digests)).toThrow(
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
    comparison.add(digestOf(0));
    expect(() => {
      comparison.add(digestOf(7));
    }).toThrow('other records');
  });
});

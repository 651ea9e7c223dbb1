import { expect, test } from 'vitest';
import { ReconciliationError } from '../../../../src/domain/errors.ts';
import { reconcile, type RunCounts } from '../../../../src/domain/run/reconciliation.ts';

const COUNTS: RunCounts = {
  loaded: 100,
  dropped: 10,
  train: 70,
  batch: 8,
  stream: 12,
  publishedBatch: 8,
  consumedBatch: 8,
  publishedStream: { records: 12, contentHash: 'aa' },
  readStream: { records: 12, contentHash: 'aa' },
  batches: 2,
  foundBatches: 2,
  predicted: 9,
  deadLettered: 3,
  skippedOffsets: 0,
  publishedPredictions: { records: 9, contentHash: 'bb' },
  foundPredictions: { records: 9, contentHash: 'bb' },
};
const ROWS = 'rows loaded = dropped + train + batch + stream';
const SCORED = 'stream rows = predicted + dead-lettered';

test('a run whose counts and hashes agree passes', () => {
  expect(() => {
    reconcile(COUNTS);
  }).not.toThrow();
});

test.for<[string, Partial<RunCounts>, string]>([
  ['a row that was never loaded', { loaded: 99 }, `${ROWS}: expected 99, got 100`],
  ['a dropped row that was not counted', { dropped: 9 }, `${ROWS}: expected 100, got 99`],
  ['a row in two splits', { train: 71 }, `${ROWS}: expected 100, got 101`],
  ['a batch row not published', { publishedBatch: 7 }, 'batch rows published: expected 8, got 7'],
  ['a batch row read twice', { consumedBatch: 9 }, 'batch rows read back: expected 8, got 9'],
  [
    'a stream row not published',
    { publishedStream: { records: 11, contentHash: 'aa' } },
    'stream rows published: expected 12, got 11',
  ],
  [
    'a stream row read twice',
    { readStream: { records: 13, contentHash: 'aa' } },
    'stream rows read back: expected 12, got 13',
  ],
  [
    'a stream row that changed',
    { readStream: { records: 12, contentHash: 'ab' } },
    'content of stream rows read back: expected aa, got ab',
  ],
  ['a row neither predicted nor refused', { predicted: 8 }, `${SCORED}: expected 12, got 11`],
  ['a dead letter lost', { deadLettered: 2 }, `${SCORED}: expected 12, got 11`],
  [
    'a prediction not published',
    { publishedPredictions: { records: 8, contentHash: 'bb' } },
    'predictions published: expected 9, got 8',
  ],
  [
    'a prediction published twice',
    { foundPredictions: { records: 10, contentHash: 'bb' } },
    'predictions in the topic: expected 9, got 10',
  ],
  [
    'a prediction that changed',
    { foundPredictions: { records: 9, contentHash: 'bc' } },
    'content of the predictions in the topic: expected bb, got bc',
  ],
])('%s fails the run and is named', ([, wrong, message]) => {
  const check = () => {
    reconcile({ ...COUNTS, ...wrong });
  };

  expect(check).toThrow(ReconciliationError);
  expect(check).toThrow(message);
});

test('rows that an operator skipped may be missing, and no more than those', () => {
  const readStream = { records: 10, contentHash: 'ac' };
  const skipped = {
    ...COUNTS,
    readStream,
    predicted: 7,
    publishedPredictions: { records: 7, contentHash: 'bb' },
  };
  const counts = { ...skipped, foundPredictions: { records: 7, contentHash: 'bb' } };

  expect(() => {
    reconcile({ ...counts, skippedOffsets: 2 });
  }).not.toThrow();
  for (const skippedOffsets of [0, 1]) {
    expect(() => {
      reconcile({ ...counts, skippedOffsets });
    }).toThrow('stream rows read back: expected 12, got 10');
  }
});

test('every number and hash of the counts is compared with another', () => {
  // An upper bound, which may be too large.
  const { skippedOffsets: _bound, ...compared } = COUNTS;
  const totals = ['publishedStream', 'readStream', 'publishedPredictions', 'foundPredictions'] as const;
  const wrong: Partial<RunCounts>[] = [
    ...Object.entries(compared)
      .filter((entry): entry is [string, number] => typeof entry[1] === 'number')
      .flatMap(([name, count]) => [{ [name]: count + 1 }, { [name]: count - 1 }]),
    ...totals.flatMap((name) => [
      { [name]: { ...COUNTS[name], records: COUNTS[name].records + 1 } },
      { [name]: { ...COUNTS[name], contentHash: 'cc' } },
    ]),
  ];

  expect(wrong).toHaveLength(2 * (Object.keys(compared).length - totals.length) + 2 * totals.length);
  for (const change of wrong) {
    expect(() => {
      reconcile({ ...COUNTS, ...change });
    }, JSON.stringify(change)).toThrow(ReconciliationError);
  }
});

test('all wrong sums are named at once', () => {
  expect(() => {
    reconcile({ ...COUNTS, loaded: 1, consumedBatch: 0 });
  }).toThrow(/rows loaded.*; batch rows read back: expected 8, got 0/);
});

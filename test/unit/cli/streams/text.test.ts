import { describe, expect, test } from 'vitest';
import { streamLine, streamSummary, streamTable } from '../../../../src/cli/streams/text.ts';
import { FAILED_BATCH, failing, progressOf } from '../../../support/unit/stream-progress.ts';

describe('a stream in progress', () => {
  test('is one line, which mentions failures only if there are any', () => {
    expect(streamLine(progressOf())).toBe(
      'running · 11 of 12 micro-batches done · 1,100 rows predicted · 42 rows/s',
    );
    const position = { topic: 'a1', lag: 1234, lookedAt: 'now', partitions: [] };
    expect(streamLine({ ...failing, deadLettered: 3, skipped: 2, position })).toBe(
      'needs attention · 11 of 12 micro-batches done · 1 failed · 2 skipped · 1,100 rows predicted · ' +
        '3 dead-lettered · 42 rows/s · lag 1,234',
    );
  });

  test('names each failed micro-batch with place, reason and the command to repair it', () => {
    const text = streamTable('nightly/stream', failing);

    expect(text).toContain(`batch 7, ${FAILED_BATCH.place}: ${FAILED_BATCH.reason}`);
    expect(text).toContain('"imdb repair nightly/stream --retry"');
    expect(text).toContain('--retry 7');
    expect(streamTable('x', { ...failing, failed: 13 })).toContain('… and 12 more');
    expect(streamTable('x', progressOf())).not.toContain('repair');
  });

  test('shows only the partitions with the largest lag if there are many', () => {
    const partitions = Array.from({ length: 100 }, (_, partition) => ({
      partition,
      finished: 10,
      end: partition === 77 ? 5010 : 10,
    }));
    const text = streamTable(
      'x',
      progressOf({ position: { topic: 'a1', lag: 5000, lookedAt: 'now', partitions } }),
    );

    expect(text).toMatch(/77 +│ 10 +│ 5,010 │ 5,000/);
    expect(text).toContain('… and 76 partitions with less lag');
  });
});

test('an ended stream lists what is left, and where the next start continues', () => {
  const totals = { batches: 3, predicted: 1200, deadLettered: 4, skipped: 1 };
  const failed = [{ batch: 7, reason: FAILED_BATCH.reason }];
  const text = streamSummary('x', {
    ...totals,
    topic: 'a1',
    lag: 100,
    failed,
    finished: [{ partition: 0, offset: 700 }],
  });

  expect(text.split('\n')).toEqual([
    '1,200 rows predicted, 4 dead-lettered in 3 micro-batches',
    'Micro-batches skipped by an operator: 1',
    'Failed and not repaired, 1; the next start scores them again:',
    `  batch 7: ${FAILED_BATCH.reason}`,
    'The next start of "x" continues at a1[0]@700; lag 100',
  ]);
});

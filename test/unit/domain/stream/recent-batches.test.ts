import { expect, test } from 'vitest';
import { createRecentBatches } from '../../../../src/domain/stream/recent-batches.ts';

const finished = (batch: number) => ({ batch, place: `a1[0]@${batch}..${batch}`, rows: 60, seconds: 1 });

test('the rate is that of the last minute, or of the time since the start', () => {
  const recent = createRecentBatches(0);
  for (let second = 1; second <= 120; second += 1) recent.add(finished(second), second * 1_000);

  expect(recent.rowsPerSecond(120_000)).toBe(61);
  expect(recent.rowsPerSecond(150_000)).toBe(31);
  expect(recent.rowsPerSecond(300_000)).toBe(0);

  const young = createRecentBatches(0);
  young.add(finished(0), 5_000);
  expect(young.rowsPerSecond(10_000)).toBe(6);
});

test('the newest ten batches are listed, however long ago they finished', () => {
  const recent = createRecentBatches(0);
  for (let batch = 0; batch < 25; batch += 1) recent.add(finished(batch), batch * 3_600_000);

  expect(recent.newest().map(({ batch }) => batch)).toEqual([15, 16, 17, 18, 19, 20, 21, 22, 23, 24]);
});

test('rate and list go on when the stream continues as new', () => {
  const one = createRecentBatches(0);
  const other = createRecentBatches(0);
  let continued = createRecentBatches(0);
  for (let second = 1; second <= 200; second += 1) {
    one.add(finished(second), second * 1_000);
    continued.add(finished(second), second * 1_000);
    if (second % 7 === 0) continued = createRecentBatches(second * 1_000, continued.toState());
  }

  expect(continued.rowsPerSecond(203_000)).toBe(one.rowsPerSecond(203_000));
  expect(continued.newest()).toEqual(one.newest());
  expect(continued.toState().rows.length).toBeLessThan(20);
  expect(other.toState()).toEqual({ sinceMs: 0, batches: [], rows: [] });
});

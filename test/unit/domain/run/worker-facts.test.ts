import { expect, test } from 'vitest';
import {
  describeTrainingWait,
  describeWait,
  nextLookMs,
  runsToWaitFor,
} from '../../../../src/domain/run/worker-facts.ts';

test('a run begins when fewer earlier runs are unfinished than there are places', () => {
  expect([0, 7, 8, 20].map((earlier) => runsToWaitFor({ earlier, places: 8 }))).toEqual([0, 0, 1, 13]);
});

test('the first to wait looks every second, and one far behind every half a minute', () => {
  expect([1, 5, 500].map(nextLookMs)).toEqual([1_000, 5_000, 30_000]);
});

test('a run that waits says how many runs are before it', () => {
  expect(describeWait({ earlier: 1_500, places: 8 })).toBe(
    'waits for a free place: 1,500 runs before this one, of which the workers take 8 at once',
  );
});

test('a training that waits says when it was seen to wait', () => {
  expect(describeTrainingWait('2026-11-22T02:10:11.123Z')).toBe(
    'waits for a worker that is free, as of 2026-11-22 02:10:11 UTC: each trains one forest at a time',
  );
});

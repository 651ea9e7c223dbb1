import { expect, test } from 'vitest';
import { busySeconds, splitTimes } from '../../../../src/domain/run/call-times.ts';

/** In seconds. */
function call(from: number, to: number) {
  return { from: new Date(from * 1_000).toISOString(), to: new Date(to * 1_000).toISOString() };
}

test('calls at the same time count once, and the time between calls does not count', () => {
  expect(busySeconds([call(0, 2), call(1, 4), call(2, 3)])).toBe(4);
  expect(busySeconds([call(3_600, 3_602), call(0, 2)])).toBe(4);
  expect(busySeconds([])).toBe(0);
});

test('clocks that disagree never give a negative duration', () => {
  expect(busySeconds([call(10, 9), call(20, 21)])).toBe(1);
});

test('times are taken off an object, and any other result stays as it is', () => {
  const took = call(0, 1);

  expect(splitTimes({ rows: 5, took })).toEqual({ result: { rows: 5 }, took });
  expect(splitTimes(undefined)).toEqual({ result: undefined });
  expect(splitTimes([1, 2])).toEqual({ result: [1, 2] });
});

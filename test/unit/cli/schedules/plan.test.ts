import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { InvalidInput } from '../../../../src/domain/errors.ts';
import { parseSchedulePlan, readSchedulePlan } from '../../../../src/cli/schedules/plan.ts';

const EXAMPLE = join(import.meta.dirname, '../../../../examples/schedule.json');

test('the default is every day at two, 5 minutes of jitter, a 6-hour catch-up window', () => {
  expect(parseSchedulePlan({})).toMatchObject({
    at: ['02:00'],
    jitter: 5 * 60_000,
    catchupWindow: 6 * 3_600_000,
    input: {},
  });
});

test('the example is a schedule, and names every field but "paused"', async () => {
  const example = JSON.parse(await readFile(EXAMPLE, 'utf8')) as object;

  expect(Object.keys(example)).toEqual([
    'at',
    'timezone',
    'days',
    'jitter',
    'catchupWindow',
    'note',
    'input',
  ]);
  expect(await readSchedulePlan({ file: EXAMPLE, set: [] })).toMatchObject({
    at: ['02:00'],
    days: ['monday', 'tuesday', 'wednesday', 'thursday', 'friday'],
    input: { forest: { trees: 200 } },
  });
});

test('flags override the file, and other fields keep their values', async () => {
  const plan = await readSchedulePlan({
    file: EXAMPLE,
    at: ['14:00', '3:30', '14:00'],
    timezone: 'Asia/Tokyo',
    set: [{ path: ['forest', 'trees'], text: '7' }],
  });

  expect(plan).toMatchObject({
    at: ['03:30', '14:00'],
    timezone: 'Asia/Tokyo',
    note: 'retrains on the file that arrives before two',
    input: { forest: { trees: 7 }, stream: { onBatchFailure: 'fail' } },
  });
});

test('a path with date parts uses the schedule’s time zone unless the input names one', () => {
  const timezone = 'Asia/Tokyo';
  const dated = { path: '{yyyy-MM-dd}.csv' };
  const zoneOf = (dataset: object) => parseSchedulePlan({ timezone, input: { dataset } });

  expect(zoneOf(dated).input).toEqual({ dataset: { ...dated, timezone } });
  expect(zoneOf({ ...dated, timezone: 'UTC' }).input).toEqual({ dataset: { ...dated, timezone: 'UTC' } });
  expect(zoneOf({ path: 'movies.csv' }).input).toEqual({ dataset: { path: 'movies.csv' } });
});

test.for<[given: Readonly<Record<string, unknown>>, message: string]>([
  [{ at: '25:00' }, 'at: expected a time of day like "02:00"'],
  [{ at: 2 }, 'at: expected a time of day like "02:00", or a list of them (got 2)'],
  [{ at: [] }, 'at: Too small'],
  [{ at: ['02:00', '2 am'] }, 'at.1: expected a time of day like "02:00" (got "2 am")'],
  [
    { timezone: 'Middle/Earth' },
    'timezone: expected an IANA time zone like "Europe/Berlin" (got "Middle/Earth")',
  ],
  [{ timezone: '+02:00' }, 'timezone: expected an IANA time zone'],
  [{ days: ['funday'] }, 'days.0: Invalid option: expected one of "monday"|"tuesday"'],
  [{ days: [] }, 'days: Too small'],
  [{ jitter: 'soon' }, 'jitter: expected a duration like "5 minutes" or "6 hours" (got "soon")'],
  [{ jitter: 300 }, 'jitter: Invalid input: expected string, received number (got 300)'],
  [{ jitter: '2 hours' }, 'jitter: expected at most "1 hour" (got "2 hours")'],
  [{ catchupWindow: '1 second' }, 'catchupWindow: expected at least "10 seconds" (got "1 second")'],
  [{ paused: 'no' }, 'paused: Invalid input: expected boolean'],
  [{ cron: '0 2 * * *' }, 'unknown field "cron", expected some of at, timezone, days, jitter'],
  [{ input: { forest: { trees: 0 } } }, 'input.forest.trees: Too small: expected number to be >=1 (got 0)'],
  [{ input: 'run.json' }, 'input: Invalid input: expected object, received string (got "run.json")'],
  [{ input: { dataset: { path: '{DD}.csv' } } }, 'input.dataset.path: unknown date token "DD"'],
  [
    { input: { dataset: { timezone: 'Middle/Earth' } } },
    'input.dataset.timezone: expected an IANA time zone',
  ],
  [{ input: { dataset: { asOf: '2026-11-22T02:00:00Z' } } }, 'input.dataset.asOf: not allowed in a schedule'],
])('a schedule that would fail or repeat itself every night is refused: %j', ([given, message]) => {
  expect(() => parseSchedulePlan(given)).toThrow(InvalidInput);
  expect(() => parseSchedulePlan(given)).toThrow(message);
});

test('every problem of a schedule is named at once', () => {
  const wrong = { at: '25:00', timezone: 'Middle/Earth', jitter: 'soon', input: { forest: { trees: 0 } } };

  expect(() => parseSchedulePlan(wrong)).toThrow(/at: .*; timezone: .*; jitter: .*; input\.forest\.trees: /);
});

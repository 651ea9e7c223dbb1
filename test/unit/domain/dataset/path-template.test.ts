import { expect, test } from 'vitest';
import { timeZones } from '../../../../src/adapters/time-zones.ts';
import { fillPath, hasDateParts, parsePathTemplate } from '../../../../src/domain/dataset/path-template.ts';
import { parsePipelineInput } from '../../../../src/domain/run/pipeline-input.ts';

function fill(path: string, asOf: string, timezone: string): string {
  return fillPath(parsePathTemplate(path), (days) => timeZones.read(new Date(asOf), timezone, days));
}

test.for<[path: string, filled: string]>([
  ['movies.csv', 'movies.csv'],
  ['movies-{yyyy-MM-dd}.csv', 'movies-2026-11-22.csv'],
  ['{yyyy}/{MM}/{dd}.csv', '2026/11/22.csv'],
  ['{yyyy/MM/dd}.csv', '2026/11/22.csv'],
  ['{yyyyMMdd}-{HH}.csv', '20261122-02.csv'],
  ['movies-{yyyy-MM-dd,-1d}.csv', 'movies-2026-11-21.csv'],
  ['{yyyy-MM-dd,-22d}_{yyyy-MM-dd,+9d}.csv', '2026-10-31_2026-12-01.csv'],
  ['{yyyy-MM-dd,-365d}.csv', '2025-11-22.csv'],
])('%s as of 02:00 in Berlin on 2026-11-22 is %s', ([path, filled]) => {
  expect(fill(path, '2026-11-22T01:00:00Z', 'Europe/Berlin')).toBe(filled);
});

test.for<[asOf: string, timezone: string, date: string]>([
  // Half past midnight in Berlin is the day before in UTC.
  ['2026-11-21T23:30:00Z', 'Europe/Berlin', '2026-11-22T00 2026-11-21'],
  ['2026-11-21T23:30:00Z', 'UTC', '2026-11-21T23 2026-11-20'],
  ['2026-11-21T23:30:00Z', 'Pacific/Kiritimati', '2026-11-22T13 2026-11-21'],
  ['2026-11-21T23:30:00Z', 'America/New_York', '2026-11-21T18 2026-11-20'],
  // 02:30 happens twice on this day: both are tested.
  ['2026-10-25T00:30:00Z', 'Europe/Berlin', '2026-10-25T02 2026-10-24'],
  ['2026-10-25T01:30:00Z', 'Europe/Berlin', '2026-10-25T02 2026-10-24'],
  // Half past midnight, before and after the hour that does not exist.
  ['2027-03-27T23:30:00Z', 'Europe/Berlin', '2027-03-28T00 2027-03-27'],
  ['2027-03-28T22:30:00Z', 'Europe/Berlin', '2027-03-29T00 2027-03-28'],
  // The day before does not have this time of day.
  ['2027-03-29T00:30:00Z', 'Europe/Berlin', '2027-03-29T02 2027-03-28'],
])('%s in %s is %s, and the day before it', ([asOf, timezone, date]) => {
  expect(fill('{yyyy-MM-dd}T{HH} {yyyy-MM-dd,-1d}', asOf, timezone)).toBe(date);
});

test.for<[path: string, problem: string]>([
  ['movies-{yyyy-MM-dd.csv', 'unmatched brace in "movies-{yyyy-MM-dd.csv"'],
  ['movies-yyyy}.csv', 'unmatched brace in "movies-yyyy}.csv"'],
  ['{{yyyy}}.csv', 'unmatched brace in "{"'],
  ['{}.csv', 'no date token in {}, expected yyyy, MM, dd or HH'],
  ['{-}.csv', 'no date token in {-}'],
  ['{YYYY-MM-dd}.csv', 'unknown date token "YYYY" in {YYYY-MM-dd}, expected yyyy, MM, dd or HH'],
  ['{yyyy-MM-ddd}.csv', 'unknown date token "ddd"'],
  ['{constructor}.csv', 'unknown date token "c"'],
  ['{yyyy-MM-dd,1d}.csv', 'wrong offset "1d" in {yyyy-MM-dd,1d}, expected days like -1d'],
  ['{yyyy-MM-dd,-1h}.csv', 'wrong offset "-1h"'],
  ['{yyyy-MM-dd,-1d,-1d}.csv', 'wrong offset "-1d,-1d"'],
  ['{yyyy-MM-dd,}.csv', 'wrong offset ""'],
])('the path %s fails a run at once, with %s', ([path, problem]) => {
  expect(() => parsePipelineInput({ dataset: { path } })).toThrow(`dataset.path: ${problem}`);
});

test('every problem of a path is named', () => {
  expect(() => parsePipelineInput({ dataset: { path: '{DD}{yyyy' } })).toThrow(
    /dataset\.path: unknown date token "DD".*; dataset\.path: unmatched brace/,
  );
});

test('a path without braces has no date parts', () => {
  expect(hasDateParts('yyyy-MM-dd.csv')).toBe(false);
  expect(hasDateParts('{yyyy}.csv')).toBe(true);
});

test('an offset, an empty name and a misspelt one are not time zones', () => {
  expect(['Europe/Berlin', 'UTC', 'Etc/GMT+5'].map((name) => timeZones.isZone(name))).toEqual([
    true,
    true,
    true,
  ]);
  expect(['+02:00', '', 'Middle/Earth'].map((name) => timeZones.isZone(name))).toEqual([false, false, false]);
});

import { expect, test } from 'vitest';
import { type Drift, MAX_SHOWN_COLUMNS } from '../../../../../src/domain/dataset/quality/drift.ts';
import {
  findBreaches,
  missingShare,
  requireQuality,
} from '../../../../../src/domain/dataset/quality/gates.ts';
import { DataQualityError } from '../../../../../src/domain/errors.ts';
import { parsePipelineInput } from '../../../../../src/domain/run/pipeline-input.ts';

const limits = { ...parsePipelineInput({}).quality, maxMissing: 0.5 };
const rows = { loaded: 1_000, kept: 900, dropped: 100, bad: 10, empty: 60, unreadable: 30 };
const good = { source: { path: 'films.csv', sha256: '', bytes: 1 }, rows, gaps: [] };
const none: Drift = {
  champion: null,
  compared: 0,
  drifted: 0,
  columns: [],
  gone: { count: 0, names: [] },
  added: { count: 0, names: [] },
};

function drifted(column: string, psi: number) {
  const summary = { rows: 800, mean: 1, missing: 0 };
  return { column, psi, ks: 0.2, limit: 0.25, before: summary, now: summary };
}

test('a dataset within all limits has no breach', () => {
  expect(findBreaches(good, none, limits)).toEqual([]);
  requireQuality(good, none, limits);
});

test('values that are exactly at their limits are no breach', () => {
  const atLimits = {
    ...good,
    rows: { loaded: 410, kept: 200, dropped: 200, bad: 10, empty: 190, unreadable: 0 },
    gaps: [{ column: 'budget', missing: 150, unreadable: 50 }],
  };

  expect(findBreaches(atLimits, none, limits)).toEqual([]);
});

test('every breach says its number, the limit and the setting', () => {
  const bad = {
    ...good,
    rows: { loaded: 400, kept: 150, dropped: 250, bad: 0, empty: 50, unreadable: 200 },
    gaps: [
      { column: 'votes', missing: 10, unreadable: 200 },
      { column: 'year', missing: 3, unreadable: 0 },
    ],
  };
  const drift: Drift = {
    ...none,
    champion: '9a97ecc790a4',
    compared: 2,
    drifted: 1,
    columns: [drifted('budget', 0.314), drifted('year', 0.1)],
    gone: { count: 1, names: ['duration'] },
    added: { count: 4, names: ['a', 'b', 'c', 'd'] },
    formerTarget: 'score',
  };

  expect(findBreaches(bad, drift, { ...limits, onDrift: 'fail' })).toEqual([
    '150 rows are kept, at least 200 must be (quality.minRows)',
    '250 of 400 rows are dropped (62.5 %: 0 bad, 50 empty, 200 unreadable), at most 50 % may be (quality.maxDroppedFraction)',
    '"votes" has no number in 52.5 % of the rows, at most 50 % may lack one (quality.maxMissing)',
    'budget PSI 0.31 against model 9a97ecc790a4, at most 0.25 (quality.maxPsi)',
    'features of model 9a97ecc790a4 are gone: duration (quality.onDrift)',
    'features are new since model 9a97ecc790a4: a, b, c, 1 more (quality.onDrift)',
    'model 9a97ecc790a4 predicts "score" (quality.onDrift)',
  ]);
  expect(findBreaches(good, drift, limits)).toEqual([]);
});

test('the error names all breaches at once, the file, and what to do', () => {
  const bad = { ...good, rows: { ...rows, kept: 100, dropped: 900 } };

  expect(() => {
    requireQuality(bad, none, limits);
  }).toThrow(DataQualityError);
  expect(() => {
    requireQuality(bad, none, limits);
  }).toThrow(
    /^the data are not what the input allows \[films\.csv\]: got 100 rows.+; 900 of 1000 rows.+reset/,
  );
});

test('the error stays small with many columns of long names', () => {
  const columns = Array.from({ length: 40 }, (_, i) => `${i} ${'\u{1f600}\n'.repeat(5_000)}`);
  const bad = { ...good, gaps: columns.map((column) => ({ column, missing: 990, unreadable: 0 })) };
  const drift: Drift = {
    ...none,
    champion: '9a97ecc790a4',
    drifted: 40,
    columns: columns.slice(0, MAX_SHOWN_COLUMNS).map((column) => drifted(column, 9)),
    gone: { count: 40, names: columns.slice(0, MAX_SHOWN_COLUMNS) },
  };
  const breaches = findBreaches(bad, drift, { ...limits, onDrift: 'fail' });

  expect(breaches).toContain('35 more columns with too many gaps');
  expect(breaches).toContain('35 more columns that have drifted');
  expect(breaches.join('; ').length).toBeLessThan(2_500);
});

test('the share of gaps counts empty and unreadable cells of the rows that have cells', () => {
  const gaps = [{ column: 'votes', missing: 90, unreadable: 9 }];

  expect(missingShare({ rows, gaps }, 'votes')).toBe(0.1);
  expect(missingShare({ rows, gaps }, 'year')).toBe(0);
});

test('the share of gaps is unknown for a column behind the forty that are reported', () => {
  const gaps = Array.from({ length: 40 }, (_, i) => ({ column: `c${i}`, missing: 5, unreadable: 0 }));

  expect(missingShare({ rows, gaps }, 'other')).toBeNull();
});

import { expect, test } from 'vitest';
import { distributionOf } from '../../../../../src/domain/dataset/quality/distribution.ts';
import { measureDrift } from '../../../../../src/domain/dataset/quality/drift-measures.ts';
import {
  describeDrift,
  falseAlarmsOf,
  judgeDrift,
  MAX_SHOWN_COLUMNS,
  sharedColumns,
  type DatasetProfile,
} from '../../../../../src/domain/dataset/quality/drift.ts';

type Columns = Readonly<Record<string, readonly number[]>>;

function profileOf(columns: Columns, target = 'score'): DatasetProfile {
  return {
    target,
    columns: Object.entries(columns).map(([column, values]) => ({
      column,
      missing: 0,
      ...distributionOf(Float64Array.from(values).sort()),
    })),
  };
}

function driftOf(before: DatasetProfile, now: Columns, { target = 'score', maxPsi = 0.25 } = {}) {
  const shared = sharedColumns(before, Object.keys(now));
  const measures = new Map(
    shared.map((name) => {
      const column = before.columns.find(({ column: other }) => other === name);
      if (!column) throw new Error(name);
      const today = Float64Array.from(now[name] ?? []).sort();
      return [name, measureDrift(column, today, falseAlarmsOf(shared.length))];
    }),
  );
  return judgeDrift({ version: '9a97ecc790a4', profile: before }, profileOf(now, target), measures, maxPsi);
}

const upTo = (rows: number, of: (i: number) => number = (i) => i) =>
  Array.from({ length: rows }, (_, i) => of(i));
const before = profileOf({ votes: upTo(1_000), budget: upTo(1_000, Math.sqrt), score: upTo(1_000) });

test('equal data have not drifted, whatever the order of columns and rows', () => {
  const drift = driftOf(before, {
    score: upTo(1_000).reverse(),
    budget: upTo(1_000, Math.sqrt),
    votes: upTo(1_000),
  });

  expect(drift).toMatchObject({ champion: '9a97ecc790a4', compared: 3, drifted: 0 });
  expect(drift.columns.every(({ psi, ks }) => psi === 0 && ks === 0)).toBe(true);
  expect(describeDrift(drift)).toBe('no drift against model 9a97ecc790a4');
});

test('a column that has shifted is named first, with its PSI and both means', () => {
  const drift = driftOf(before, {
    votes: upTo(1_000, (i) => i + 400),
    budget: upTo(1_000, Math.sqrt),
    score: upTo(1_000),
  });

  expect(drift).toMatchObject({ compared: 3, drifted: 1 });
  expect(drift.columns[0]).toMatchObject({
    column: 'votes',
    limit: 0.25,
    before: { rows: 1_000, mean: 499.5, missing: 0 },
    now: { rows: 1_000, mean: 899.5 },
  });
  expect(describeDrift(drift)).toMatch(/^drift against model 9a97ecc790a4: votes PSI \d\.\d\d$/);
});

test('with few rows, the limit is what chance explains', () => {
  const drift = driftOf(profileOf({ votes: upTo(40) }), { votes: upTo(40, (i) => i + 4) });

  expect(drift.columns[0]?.limit).toBeGreaterThan(0.9);
  expect(drift.drifted).toBe(0);
});

test('features that are gone or new, and another target, are named', () => {
  const drift = driftOf(
    before,
    { votes: upTo(1_000), oscars: upTo(1_000), rating: upTo(1_000) },
    { target: 'rating' },
  );

  expect(drift).toMatchObject({
    compared: 1,
    gone: { count: 1, names: ['budget'] },
    added: { count: 1, names: ['oscars'] },
    formerTarget: 'score',
  });
  expect(describeDrift(drift)).toBe(
    'drift against model 9a97ecc790a4: gone: budget; new: oscars; its target is score',
  );
});

test('without a champion there is nothing to compare', () => {
  const drift = judgeDrift(null, before, new Map(), 0.25);

  expect(drift).toMatchObject({ champion: null, compared: 0, drifted: 0, columns: [] });
  expect(describeDrift(drift)).toBe('no champion to compare the data with');
});

test('of many columns, the result holds the largest and the line a few', () => {
  const names = upTo(100).map((i) => `c${i}`);
  const wide = profileOf(Object.fromEntries(names.map((name) => [name, upTo(500)])));
  const drift = driftOf(
    wide,
    Object.fromEntries(names.map((name, i) => [name, upTo(500, (row) => row + 3 * i)])),
  );

  expect(drift.columns).toHaveLength(MAX_SHOWN_COLUMNS);
  expect(drift.columns[0]?.column).toBe('c99');
  expect(drift.drifted).toBeGreaterThan(MAX_SHOWN_COLUMNS);
  expect(describeDrift(drift)).toMatch(
    /: c99 PSI \d+\.\d\d, c98 PSI \d+\.\d\d, c97 PSI \d+\.\d\d, \d+ more$/,
  );
});

import { describe, expect, test } from 'vitest';
import { readJson } from '../../../../src/activities/artifact-store.ts';
import {
  createCheckDataset,
  type CheckDatasetInput,
} from '../../../../src/activities/dataset/check-dataset.ts';
import { readProfile, writeProfile } from '../../../../src/activities/dataset/profile.ts';
import { writeRatingRows } from '../../../../src/activities/dataset/rating-rows.ts';
import { createArrowTables } from '../../../../src/adapters/arrow/tables.ts';
import { distributionOf } from '../../../../src/domain/dataset/quality/distribution.ts';
import { describeDrift } from '../../../../src/domain/dataset/quality/drift.ts';
import type { DriftHistograms } from '../../../../src/domain/dataset/quality/histogram.ts';
import { DataQualityError } from '../../../../src/domain/errors.ts';
import type { Champion } from '../../../../src/domain/registry/model-registry.ts';
import { parsePipelineInput } from '../../../../src/domain/run/pipeline-input.ts';
import { runActivity } from '../../../support/unit/activity.ts';
import { createMemoryArtifacts } from '../../../support/unit/memory-artifacts.ts';
import { registeredModel } from '../../../support/unit/registered-model.ts';

type Columns = Readonly<Record<string, (row: number) => number>>;

const LIMITS = { ...parsePipelineInput({}).quality, maxMissing: 0.5 };
const VOTES: Columns = { votes: (i) => i ** 2, year: (i) => 1_900 + (i % 100), score: (i) => (i % 90) / 10 };

/** Nights of one registry: the model of a night becomes the champion. */
function createNights() {
  const artifacts = createMemoryArtifacts();
  const tables = createArrowTables(artifacts);
  let champion: Champion | null = null;
  const registry = {
    champion: async () => champion,
    propose: () => Promise.reject(new Error('not expected')),
  };
  const check = createCheckDataset({ artifacts, tables, registry });

  async function load(columns: Columns, rows: number, target: string): Promise<CheckDatasetInput['loaded']> {
    const features = Object.keys(columns).filter((name) => name !== target);
    const valuesOf = (name: string) => Float64Array.from({ length: rows }, (_, i) => columns[name]?.(i) ?? 0);
    const labels = Array.from({ length: rows }, (_, i) => `film ${i}`);
    const table = await writeRatingRows(tables, {
      run: 'night',
      name: 'dataset',
      schema: { features, target },
      rows: [
        {
          rowIds: Int32Array.from(labels.keys()),
          keys: labels,
          labels,
          columns: features.map(valuesOf),
          targets: valuesOf(target),
        },
      ],
    });
    const none = { dropped: 0, bad: 0, empty: 0, unreadable: 0 };
    const source = { path: 'films.csv', sha256: '', bytes: 1 };
    return { table, source, features, target, gaps: [], rows: { loaded: rows, kept: rows, ...none } };
  }

  return {
    artifacts,
    tables,
    night: async (
      columns: Columns,
      {
        rows = 1_000,
        target = 'score',
        limits = {},
        gaps = [],
      }: {
        readonly rows?: number;
        readonly target?: string;
        readonly limits?: Partial<CheckDatasetInput['limits']>;
        readonly gaps?: CheckDatasetInput['loaded']['gaps'];
      } = {},
    ) => {
      const loaded = { ...(await load(columns, rows, target)), gaps };
      const result = await runActivity(check, {
        run: 'night',
        loaded,
        limits: { ...LIMITS, ...limits },
        model: 'films',
      });
      const model = registeredModel('night', { profile: result.profile });
      champion = { model, since: '2026-11-29T02:00:00Z' };
      return { ...result, version: model.version };
    },
  };
}

describe('the check of a dataset', () => {
  test('without a champion passes, and stores the profile of every column', async () => {
    const { night, tables } = createNights();
    const { drift, histograms, profile } = await night(VOTES, {
      gaps: [{ column: 'year', missing: 200, unreadable: 50 }],
    });

    expect(drift).toMatchObject({ champion: null, columns: [] });
    expect(histograms).toBeNull();
    const { target, columns } = await readProfile(tables, profile);
    expect(target).toBe('score');
    expect(columns.map(({ column, missing, rows }) => [column, missing, rows])).toEqual([
      ['votes', 0, 1_000],
      ['year', 0.25, 1_000],
      ['score', 0, 1_000],
    ]);
    expect(columns[0]).toMatchObject(distributionOf(Float64Array.from({ length: 1_000 }, (_, i) => i ** 2)));
  });

  test('finds no drift in equal data, and stores the same profile', async () => {
    const { night } = createNights();
    const first = await night(VOTES);
    const { drift, profile } = await night(VOTES, { limits: { onDrift: 'fail' } });

    expect(describeDrift(drift)).toBe(`no drift against model ${first.version}`);
    expect(drift.columns.map(({ psi, ks }) => [psi, ks])).toEqual([
      [0, 0],
      [0, 0],
      [0, 0],
    ]);
    expect(profile).toEqual(first.profile);
  });

  test('warns of a column that has shifted, and draws it on both nights', async () => {
    const { night, artifacts } = createNights();
    await night(VOTES);
    const { drift, histograms } = await night({ ...VOTES, votes: (i) => i ** 2 + 500_000 });

    expect(drift).toMatchObject({ compared: 3, drifted: 1 });
    expect(drift.columns.map(({ column }) => column)).toEqual(['votes', 'year', 'score']);
    const [votes, year] = histograms ? await readJson<DriftHistograms>(artifacts, histograms) : [];
    expect(votes?.column).toBe('votes');
    expect(votes?.before).not.toEqual(votes?.now);
    expect(year?.before).toEqual(year?.now);
  });

  test('refuses all breaches at once, drift and changed features among them', async () => {
    const { night } = createNights();
    const first = await night(VOTES);
    const bad = night(
      { votes: (i) => i ** 2 + 500_000, oscars: (i) => i % 7, score: (i) => (i % 90) / 10 },
      {
        rows: 150,
        limits: { onDrift: 'fail' },
        gaps: [{ column: 'oscars', missing: 140, unreadable: 0 }],
      },
    );

    await expect(bad).rejects.toThrow(DataQualityError);
    await expect(bad).rejects.toThrow(
      new RegExp(
        [
          '150 rows are kept, at least 200',
          '"oscars" has no number in 93.3 %',
          `votes PSI \\d+\\.\\d\\d against model ${first.version}`,
          'are gone: year',
          'are new since model .*: oscars',
        ].join('.*'),
      ),
    );
  });

  test('compares features by name when another column is predicted', async () => {
    const { night } = createNights();
    await night(VOTES);
    const { drift } = await night(VOTES, { target: 'year' });

    expect(drift).toMatchObject({
      compared: 3,
      drifted: 0,
      gone: { names: ['year'] },
      added: { names: ['score'] },
      formerTarget: 'score',
    });
  });
});

test('a profile is read back as it was written, with names and values of any kind', async () => {
  const tables = createArrowTables(createMemoryArtifacts());
  const columns = ['', '_row', '"火"', 'last'].map((column, i) => ({
    column,
    missing: i === 3 ? null : i / 10,
    ...distributionOf(Float64Array.from({ length: 400 * i + 1 }, (_, row) => row * 10 ** (100 * i))),
  }));
  const profile = { target: 'last', columns };

  expect(await readProfile(tables, await writeProfile(tables, 'run', profile))).toEqual(profile);
});

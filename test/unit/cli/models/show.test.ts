import { expect, test } from 'vitest';
import { describeModel, type ModelDescription, modelTable } from '../../../../src/cli/models/show.ts';
import { parseModelFile } from '../../../../src/cli/models/file.ts';
import type { FinishedRun } from '../../../../src/cli/models/run.ts';
import type { ModelHeader } from '../../../../src/domain/model/model.ts';
import { modelBytes, modelHeader } from '../../../support/unit/model-file.ts';
import { INTERVALS } from '../../../support/unit/report-data.ts';

function describe(change: Partial<ModelHeader> = {}, run?: Partial<FinishedRun>): ModelDescription {
  const file = parseModelFile('a.model', modelBytes(change));
  if (!run) return describeModel(file);
  const { version } = file;
  const artifact = { uri: 'a.model', sha256: file.sha256, bytes: file.bytes, rows: 2 };
  const metrics = { batch: { rmse: 0.7, mae: 0.5, r2: 0.5 }, stream: null };
  const quality = {
    outOfBag: null,
    importances: [],
    learning: [],
    intervals: INTERVALS,
    permutationImportances: [],
  };
  const finished = {
    run: 'nightly/1',
    report: artifact,
    model: { version, artifact, ...modelHeader() },
    metrics,
    quality,
    ...run,
  };
  return describeModel({ ...file, run: { ...finished, workflowId: 'nightly' } });
}

/** The text of a row; the lines of a cell are joined by a bar. */
function rowOf(table: string, name: string): string | undefined {
  const lines = table.split('\n').map((line) => line.split('│').map((cell) => cell.trim()));
  const at = lines.findIndex(([, first]) => first === name);
  const next = lines.findIndex(([, first], i) => i > at && first !== '');
  return lines
    .slice(at, next)
    .map(([, , text]) => text)
    .join(' | ');
}

test('the table shows size, parameters with scikit-learn’s names, and quality', () => {
  const table = modelTable(describe());

  expect(rowOf(table, 'engine')).toBe('histogram');
  expect(rowOf(table, 'version')).toBe(describe().sha256.slice(0, 12));
  expect(rowOf(table, 'trees')).toBe('2');
  expect(rowOf(table, 'nodes')).toBe('6, of them 4 leaves');
  expect(rowOf(table, 'depth')).toBe('max 2, mean 1.0');
  expect(rowOf(table, 'parameters')).toBe(
    'trees 2 (n_estimators) | maxDepth unlimited (max_depth) | minLeafRows 1 (min_samples_leaf) | ' +
      'featureFraction 1 (max_features) | seed 42 (random_state)',
  );
  expect(rowOf(table, 'training rows')).toBe('1,234');
  expect(rowOf(table, 'dataset sha256')).toBe('ab'.repeat(32));
  expect(rowOf(table, 'out of bag')).toBe('RMSE 0.750, MAE 0.500, R² 0.400 on 1,200 rows');
});

test('importances are bars, the most important first and longest', () => {
  const lines = modelTable(describe()).split('\n');
  const budget = lines.findIndex((line) => line.includes('budget'));
  const duration = lines.findIndex((line) => line.includes('duration'));
  const barOf = (line: string | undefined): number => line?.match(/█/g)?.length ?? 0;

  expect(duration).toBeLessThan(budget);
  expect(lines[duration]).toContain('0.750');
  expect(barOf(lines[duration])).toBe(3 * barOf(lines[budget]) + 1);
});

test('a model without out-of-bag rows says so in words', () => {
  expect(rowOf(modelTable(describe({ outOfBag: null })), 'out of bag')).toBe('every row was in every bag');
});

test('a run adds its metrics and permutation importances', () => {
  const permutationImportances = [
    { feature: 'duration', mean: 0.4, std: 0.05 },
    { feature: 'budget', mean: -0.02, std: 0.01 },
  ];
  const quality = {
    outOfBag: null,
    importances: [],
    learning: [],
    intervals: INTERVALS,
    permutationImportances,
  };
  const table = modelTable(describe({}, { quality }));

  expect(rowOf(table, 'run')).toBe('nightly');
  expect(rowOf(table, 'batch split')).toBe('RMSE 0.700, MAE 0.500, R² 0.500');
  expect(table).toMatch(/duration +│ +0\.400 ± 0\.050 │ █{40}/);
  expect(table).toMatch(/budget +│ +-0\.020 ± 0\.010 │ +│/);
});

test('many features are cut to the most important, with how many there are', () => {
  const description = describe();
  const importances = Array.from({ length: 25 }, (_, i) => ({
    feature: `f${i}`,
    importance: (25 - i) / 325,
  }));
  const table = modelTable({ ...description, importances });

  expect(table).toContain('f19');
  expect(table).not.toContain('f20');
  expect(table).toContain('and 5 more: see --json');
});

test('a column name cannot move the cursor', () => {
  expect(modelTable(describe({ features: ['a\u001b[2Jb', 'c\rd'] }))).not.toMatch(/[^\P{Cc}\n]/u);
});

test('the description as JSON has all facts, and omits what was not recorded', () => {
  const shown = JSON.parse(JSON.stringify(describe())) as Record<string, unknown>;

  expect(shown).toMatchObject({
    file: 'a.model',
    engine: 'histogram',
    version: expect.stringMatching(/^[0-9a-f]{12}$/) as string,
    trees: 2,
    nodes: 6,
    leaves: 4,
    depth: { max: 2, mean: 1 },
    params: { trees: 2, minLeafRows: 1, featureFraction: 1, seed: 42 },
    features: ['budget', 'duration'],
    outOfBag: { rows: 1200, rmse: 0.75 },
    importances: [
      { feature: 'duration', importance: 0.75 },
      { feature: 'budget', importance: 0.25 },
    ],
  });
  expect(Object.keys(shown)).not.toContain('permutationImportances');
  expect(Object.keys(shown)).not.toContain('metrics');
});

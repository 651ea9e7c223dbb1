import { expect, test } from 'vitest';
import { createSplitDataset } from '../../../../src/activities/dataset/split-dataset.ts';
import { createArrowTables } from '../../../../src/adapters/arrow/tables.ts';
import { nodeDigests } from '../../../../src/adapters/digests.ts';
import { DatasetError, InvalidInput } from '../../../../src/domain/errors.ts';
import { SPLITS } from '../../../../src/domain/names.ts';
import { parsePipelineInput, type ForestParams } from '../../../../src/domain/run/pipeline-input.ts';
import { runActivity } from '../../../support/unit/activity.ts';
import { engineWithRoom } from '../../../support/unit/forest.ts';
import { createMemoryArtifacts } from '../../../support/unit/memory-artifacts.ts';
import {
  loadRatingRows,
  numbersBelow,
  ratingTableOf,
  storeRatingTable,
} from '../../../support/unit/rating-table.ts';

const FILMS = numbersBelow(200);

async function splitFilms(films: readonly number[], seed = 42, change: Partial<ForestParams> = {}) {
  const tables = createArrowTables(createMemoryArtifacts());
  const table = await storeRatingTable(tables, 'run', 'dataset', ratingTableOf(films));
  const input = parsePipelineInput({});
  const activity = createSplitDataset({ tables, digests: nodeDigests, engines: [engineWithRoom(1_000)] });
  const result = await runActivity(activity, {
    run: 'run',
    table,
    split: { ...input.split, seed },
    forest: { ...input.forest, ...change },
  });
  const parts = await Promise.all(SPLITS.map(async (name) => loadRatingRows(tables, result.splits[name])));
  const splitOfKey = new Map(parts.flatMap(({ keys }, i) => keys.map((key) => [key, SPLITS[i]])));
  return { result, parts, splitOfKey };
}

/** Reversed, then every third film three times over, so that no row keeps its place. */
function shuffle(films: readonly number[]): number[] {
  const reversed = [...films].reverse();
  return [0, 1, 2].flatMap((offset) => reversed.filter((_, i) => i % 3 === offset));
}

test('a film stays in its split, whatever the file’s order, duplicates and new films', async () => {
  const plain = await splitFilms(FILMS);
  const other = await splitFilms([...shuffle(FILMS), ...numbersBelow(400), ...FILMS.slice(50)]);

  expect(plain.splitOfKey.size).toBe(FILMS.length);
  for (const [key, split] of plain.splitOfKey) expect([key, other.splitOfKey.get(key)]).toEqual([key, split]);
});

test('no film is in two splits, and no row is lost or duplicated', async () => {
  const films = [...FILMS, ...shuffle(FILMS).slice(0, 120)];
  const { parts, result } = await splitFilms(films);

  expect(Int32Array.from(parts.flatMap(({ rowIds }) => [...rowIds])).sort()).toEqual(
    ratingTableOf(films).rowIds,
  );
  const filmsPerSplit = parts.map(({ keys }) => new Set(keys));
  expect(filmsPerSplit.reduce((sum, { size }) => sum + size, 0)).toBe(FILMS.length);
  expect(SPLITS.map((split) => result.splits[split].rows)).toEqual(parts.map(({ rowIds }) => rowIds.length));
});

test('rows keep their values when they are split', async () => {
  const whole = ratingTableOf(FILMS);
  for (const part of (await splitFilms(FILMS)).parts) {
    part.rowIds.forEach((rowId, i) => {
      const film = rowId - 2;
      expect({
        key: part.keys[i],
        label: part.labels[i],
        values: part.columns.map((column) => column[i]),
        rating: part.targets[i],
      }).toEqual({
        key: whole.keys[film],
        label: whole.labels[film],
        values: whole.columns.map((column) => column[film]),
        rating: whole.targets[film],
      });
    });
  }
});

test('a retry makes the same artifacts, and another seed makes others', async () => {
  const first = await splitFilms(FILMS);

  expect((await splitFilms(FILMS)).result).toEqual(first.result);
  expect((await splitFilms(FILMS, 43)).result.sha256).not.toBe(first.result.sha256);
});

test('a file with too few rows for three splits is a DatasetError that counts them', async () => {
  const failure = splitFilms(numbersBelow(3));

  await expect(failure).rejects.toThrow(DatasetError);
  await expect(failure).rejects.toThrow(
    /at least 2 rows in each .* got 3 rows: train \d, batch \d, stream \d/,
  );
});

test('a train split too large to be trained on fails before anything is published', async () => {
  const films = numbersBelow(2_000);
  const failure = await splitFilms(films).catch((error: unknown) => error);

  expect(failure).toBeInstanceOf(InvalidInput);
  await expect(splitFilms(films, 42, { maxRows: 500 })).resolves.toBeDefined();
});

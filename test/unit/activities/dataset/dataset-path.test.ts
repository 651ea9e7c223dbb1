import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { DatasetError, InvalidInput } from '../../../../src/domain/errors.ts';
import { loadFile } from '../../../support/unit/load-csv.ts';
import { test } from '../../../support/unit/temp-dir.ts';

const FILMS = 'movie_title,budget,imdb_score\nAlien,11,8.5\nBrazil,15,7.9\n';
const AS_OF = '2026-11-21T23:30:00Z';
const dated = { path: 'movies-{yyyy-MM-dd}.csv', timezone: 'Europe/Berlin' };

test('a path with date parts reads the file of the run’s day, named in the result', async ({ dir }) => {
  await writeFile(join(dir, 'movies-2026-11-22.csv'), FILMS);

  const { result } = await loadFile(dir, dated, AS_OF);

  expect(result).toMatchObject({ source: { path: 'movies-2026-11-22.csv' }, asOf: AS_OF });
});

test('date parts may name directories', async ({ dir }) => {
  await mkdir(join(dir, '2026', '11'), { recursive: true });
  await writeFile(join(dir, '2026', '11', '22.csv'), FILMS);

  const { result } = await loadFile(dir, { ...dated, path: '{yyyy}/{MM}/{dd}.csv' }, AS_OF);

  expect(result.source.path).toBe('2026/11/22.csv');
});

test('a path without date parts does not depend on the time', async ({ dir }) => {
  await writeFile(join(dir, 'movies.csv'), FILMS);

  const { result } = await loadFile(dir, { path: 'movies.csv' }, AS_OF);

  expect(result).not.toHaveProperty('asOf');
});

test('a missing file is named, with its pattern and the time', async ({ dir }) => {
  const failure = loadFile(dir, dated, AS_OF);

  await expect(failure).rejects.toThrow(DatasetError);
  await expect(failure).rejects.toThrow(
    'no such file [movies-2026-11-22.csv]: expected a CSV file in the worker’s DATA_DIR, ' +
      'got none for "movies-{yyyy-MM-dd}.csv" as of 2026-11-21T23:30:00Z in Europe/Berlin',
  );
});

test('a time zone that does not exist is an InvalidInput that names it', async ({ dir }) => {
  const failure = loadFile(dir, { ...dated, timezone: 'Middle/Earth' }, AS_OF);

  await expect(failure).rejects.toThrow(InvalidInput);
  await expect(failure).rejects.toThrow(
    'dataset.timezone is unknown: expected an IANA time zone like "Europe/Berlin", got "Middle/Earth"',
  );
});

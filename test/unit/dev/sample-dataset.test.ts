import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Papa from 'papaparse';
import { expect, test as base } from 'vitest';
import { ensureSampleDataset, toReleaseYear } from '../../../src/dev/sample-dataset.ts';

const NUMERIC_COLUMNS = [
  'title_year',
  'num_voted_users',
  'gross',
  'worldwide_gross',
  'budget',
  'rotten_tomatoes_rating',
  'imdb_score',
];

const test = base.extend('dir', async ({}, { onCleanup }) => {
  const dir = await mkdtemp(join(tmpdir(), 'sample-dataset-'));
  onCleanup(() => rm(dir, { recursive: true }));
  return dir;
});

async function readRows(dir: string) {
  const csv = await readFile(await ensureSampleDataset(dir), 'utf8');
  const { data, errors } = Papa.parse<Record<string, string>>(csv.trimEnd(), { header: true });
  return { rows: data, errors };
}

test('the sample holds every film of vega-datasets and reads back without an error', async ({ dir }) => {
  const { rows, errors } = await readRows(dir);

  expect(errors).toEqual([]);
  expect(rows).toHaveLength(3201);
  expect(rows.find((row) => row['movie_title'] === 'The Land Girls')).toMatchObject({
    content_rating: 'R',
    title_year: '1998',
    num_voted_users: '1071',
    imdb_score: '6.1',
  });
});

test('titles with commas, quotes, digits alone or other alphabets survive', async ({ dir }) => {
  const titles = new Set((await readRows(dir)).rows.map((row) => row['movie_title']));

  expect([...titles]).toEqual(expect.arrayContaining(['300', '20,000 Leagues Under the Sea', 'Alien³']));
});

test('every value of a numeric column is a finite number or missing', async ({ dir }) => {
  const { rows } = await readRows(dir);
  const odd = rows.flatMap((row) =>
    NUMERIC_COLUMNS.map((column) => row[column]).filter(
      (value) => value !== '' && !Number.isFinite(Number(value)),
    ),
  );

  expect(odd).toEqual([]);
});

test('no column but the declared ones looks numeric', async ({ dir }) => {
  const { rows } = await readRows(dir);
  const columns = Object.keys(rows[0] ?? {});
  const mostlyNumeric = columns.filter((column) => {
    const values = rows.map((row) => row[column] ?? '').filter((value) => value !== '');
    return values.filter((value) => Number.isFinite(Number(value))).length > values.length / 2;
  });

  expect(mostlyNumeric).toEqual(NUMERIC_COLUMNS);
});

test('over 2,000 films have every numeric value, and others lack one', async ({ dir }) => {
  const { rows } = await readRows(dir);
  const complete = rows.filter((row) => NUMERIC_COLUMNS.every((column) => row[column] !== ''));

  expect(complete).toHaveLength(2255);
});

test('no film is from the future', async ({ dir }) => {
  const years = (await readRows(dir)).rows.map((row) => Number(row['title_year']));

  expect(Math.max(...years)).toBe(2011);
  expect(toReleaseYear('Dec 15 2039')).toBe(1939);
  expect(toReleaseYear('unknown')).toBeNull();
});

test('a current file is left alone and a damaged one is replaced', async ({ dir }) => {
  const path = await ensureSampleDataset(dir);
  const written = await stat(path);
  const csv = await readFile(path, 'utf8');

  await ensureSampleDataset(dir);
  expect((await stat(path)).ino).toBe(written.ino);

  await writeFile(path, csv.slice(0, 1000));
  await ensureSampleDataset(dir);
  expect(await readFile(path, 'utf8')).toBe(csv);
});

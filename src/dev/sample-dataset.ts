import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Papa from 'papaparse';
import { toRatingRow, type VegaMovie } from './vega-movie.ts';

const FILE_NAME = 'movies.csv';

/**
 * Writes the 3,201 films of vega-datasets as a CSV with IMDb's column names and returns its path.
 * 2,255 of them have every numeric value; the others show what a run drops.
 * The content depends on the package alone, so it is written only when it differs.
 */
export async function ensureSampleDataset(dir: string): Promise<string> {
  const path = join(dir, FILE_NAME);
  const csv = await convertMovies();
  const present = await readFile(path, 'utf8').catch(() => undefined);
  if (present === csv) return path;

  await mkdir(dir, { recursive: true });
  const draft = join(dir, `${FILE_NAME}.${randomUUID()}`);
  await writeFile(draft, csv);
  await rename(draft, path);
  return path;
}

async function convertMovies(): Promise<string> {
  // The package exports its loader only; the data lies beside it.
  const packageEntry = import.meta.resolve('vega-datasets');
  const source = fileURLToPath(new URL('../data/movies.json', packageEntry));
  const movies = JSON.parse(await readFile(source, 'utf8')) as VegaMovie[];
  return `${Papa.unparse(movies.map(toRatingRow), { newline: '\n' })}\n`;
}

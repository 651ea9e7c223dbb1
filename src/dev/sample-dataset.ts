import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Papa from 'papaparse';

/** A film in vega-datasets 3.2: a numeric title is a number, and an unknown value is null. */
interface VegaMovie {
  readonly Title: string | number | null;
  readonly Director: string | null;
  readonly Distributor: string | null;
  readonly Source: string | null;
  readonly 'Major Genre': string | null;
  readonly 'Creative Type': string | null;
  readonly 'MPAA Rating': string | null;
  /** Like `Jun 12 1998`. */
  readonly 'Release Date': string;
  readonly 'US Gross': number | null;
  readonly 'Worldwide Gross': number | null;
  readonly 'Production Budget': number | null;
  readonly 'Rotten Tomatoes Rating': number | null;
  readonly 'IMDB Votes': number | null;
  readonly 'IMDB Rating': number | null;
}

/** The data is of 2010 and contains a few films announced for 2011. */
const NEWEST_YEAR = 2011;

/**
 * The columns of the sample CSV, in order. It leaves out running time and DVD sales, which most films lack:
 * a run drops every row without a number.
 */
function toRatingRow(movie: VegaMovie) {
  return {
    movie_title: movie.Title,
    director_name: movie.Director,
    distributor: movie.Distributor,
    genres: movie['Major Genre'],
    creative_type: movie['Creative Type'],
    source: movie.Source,
    content_rating: movie['MPAA Rating'],
    title_year: toReleaseYear(movie['Release Date']),
    num_voted_users: movie['IMDB Votes'],
    gross: movie['US Gross'],
    worldwide_gross: movie['Worldwide Gross'],
    budget: movie['Production Budget'],
    rotten_tomatoes_rating: movie['Rotten Tomatoes Rating'],
    imdb_score: movie['IMDB Rating'],
  };
}

/** Years once had two digits and were read a century late: 2039 for Gone with the Wind. */
export function toReleaseYear(releaseDate: string): number | null {
  const year = Number(/\b(\d{4})$/.exec(releaseDate)?.[1] ?? NaN);
  if (Number.isNaN(year)) return null;
  return year > NEWEST_YEAR ? year - 100 : year;
}

const FILE_NAME = 'movies.csv';

/**
 * Writes the 3,201 films of vega-datasets as a CSV with IMDb's column names and returns its path.
 * 2,255 of them have every numeric value; a run drops the others.
 * The content depends on the package alone, so the file is written only when it differs.
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
  // The package exports its loader only; the data is beside it.
  const packageEntry = import.meta.resolve('vega-datasets');
  const source = fileURLToPath(new URL('../data/movies.json', packageEntry));
  const movies = JSON.parse(await readFile(source, 'utf8')) as VegaMovie[];
  return `${Papa.unparse(movies.map(toRatingRow), { newline: '\n' })}\n`;
}

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import Papa from 'papaparse';
import type { TrainingSet } from '../../src/activities/training/forest-engine.ts';
import { DatasetError } from '../../src/domain/errors.ts';
import { createRandom, normal, shuffledIndices, type Random } from './random.ts';

export const FEATURES = [
  'num_critic_for_reviews',
  'duration',
  'director_facebook_likes',
  'actor_3_facebook_likes',
  'actor_1_facebook_likes',
  'gross',
  'num_voted_users',
  'cast_total_facebook_likes',
  'facenumber_in_poster',
  'num_user_for_reviews',
  'budget',
  'title_year',
  'actor_2_facebook_likes',
  'aspect_ratio',
  'movie_facebook_likes',
] as const;
export const TARGET = 'imdb_score';

export const TRAIN_SHARE = 0.8;
/** Relative jitter of each value of a resampled row. */
export const JITTER = 0.01;
const SEED = 20_240_601;
/** Rows of the IMDb file without a missing value. */
const GENERATED_ROWS = 3801;

export interface Dataset {
  readonly rows: TrainingSet;
  /** For the report. */
  readonly origin: string;
}

export interface Split {
  readonly train: TrainingSet;
  readonly test: TrainingSet;
}

/** Rows with a value in every numeric column; generated when there is no such file. */
export function loadDataset(file: string): Dataset {
  if (!existsSync(file)) {
    return { rows: generateMovies(), origin: `generated table (no ${file}; name the IMDb CSV with --csv)` };
  }
  const { data, meta } = Papa.parse<Record<string, string>>(readFileSync(file, 'utf8'), {
    header: true,
    skipEmptyLines: true,
  });
  const missing = [...FEATURES, TARGET].filter((column) => !meta.fields?.includes(column));
  if (missing.length > 0) {
    throw new DatasetError({
      what: `columns are missing: ${missing.join(', ')}`,
      where: file,
      hint: 'Name the IMDb CSV with --csv',
    });
  }
  const complete = data.filter((row) => [...FEATURES, TARGET].every((column) => isNumber(row[column])));
  return {
    rows: {
      columns: FEATURES.map((column) => Float64Array.from(complete, (row) => Number(row[column]))),
      targets: Float64Array.from(complete, (row) => Number(row[TARGET])),
    },
    origin: `IMDb file, ${complete.length.toLocaleString('en')} of ${data.length.toLocaleString('en')} rows have no missing value`,
  };
}

function isNumber(cell: string | undefined): boolean {
  return cell !== undefined && cell.trim() !== '' && Number.isFinite(Number(cell));
}

/** @returns the file */
export function writeCsv(file: string, { columns, targets }: TrainingSet): string {
  const lines = Array.from(targets, (target, row) =>
    [...columns.map((column) => column[row]), target].join(','),
  );
  writeFileSync(file, [[...FEATURES, TARGET].join(','), ...lines, ''].join('\n'));
  return file;
}

/** @param repetition another number gives another split of the same rows */
export function split({ columns, targets }: TrainingSet, repetition = 0): Split {
  const indices = shuffledIndices(targets.length, createRandom(SEED + repetition));
  const train = Math.floor(targets.length * TRAIN_SHARE);
  const set = { columns, targets };
  return { train: pick(set, indices.slice(0, train)), test: pick(set, indices.slice(train)) };
}

/** Rows drawn with replacement, features jittered. */
export function resample(set: TrainingSet, rows: number): TrainingSet {
  const random = createRandom(SEED + rows);
  const drawn = Array.from({ length: rows }, () => Math.floor(random() * set.targets.length));
  const { columns, targets } = pick(set, drawn);
  const jittered = (value: number): number => value * (1 + (2 * random() - 1) * JITTER);
  return { columns: columns.map((column) => column.map(jittered)), targets };
}

/**
 * Friedman's first benchmark function, with additional noise columns:
 * y = 10 sin(πx₁x₂) + 20(x₃ − ½)² + 10x₄ + 5x₅ + N(0, 1)
 */
export function friedman(rows: number, features: number, repetition: number): TrainingSet {
  const random = createRandom(SEED + repetition);
  const columns = Array.from({ length: features }, () => Float64Array.from({ length: rows }, random));
  const x = (column: number, row: number): number => columns[column]?.[row] as number;
  const targets = Float64Array.from({ length: rows }, (_, i) => {
    const curve = 10 * Math.sin(Math.PI * x(0, i) * x(1, i)) + 20 * (x(2, i) - 0.5) ** 2;
    return curve + 10 * x(3, i) + 5 * x(4, i) + normal(random);
  });
  return { columns, targets };
}

function pick({ columns, targets }: TrainingSet, indices: readonly number[]): TrainingSet {
  const of = (values: Float64Array) => Float64Array.from(indices, (i) => values[i] as number);
  return { columns: columns.map(of), targets: of(targets) };
}

const someCount = (random: Random): number => Math.round(Math.exp(6 + 1.6 * normal(random)));
const someMoney = (random: Random): number => Math.round(Math.exp(17 + 1.3 * normal(random)));
/** The other features are counts. */
const GENERATED_VALUES: Partial<Record<(typeof FEATURES)[number], (random: Random) => number>> = {
  title_year: (random) => 2016 - Math.floor(30 * random() ** 2),
  aspect_ratio: (random) => [1.85, 2.35, 1.78][Math.floor(random() * 3)] as number,
  duration: (random) => Math.round(110 + 22 * normal(random)),
  facenumber_in_poster: (random) => Math.floor(5 * random() ** 2),
  gross: someMoney,
  budget: someMoney,
  num_voted_users: (random) => Math.round(Math.exp(10.8 + 1.4 * normal(random))),
};

/** Skewed counts with many ties, and ratings in tenths that depend on a few of them. */
function generateMovies(): TrainingSet {
  const random = createRandom(SEED);
  const columns = FEATURES.map((column) =>
    Float64Array.from({ length: GENERATED_ROWS }, () => (GENERATED_VALUES[column] ?? someCount)(random)),
  );
  const logOf = (column: (typeof FEATURES)[number], row: number): number =>
    Math.log1p(columns[FEATURES.indexOf(column)]?.[row] as number);
  const targets = Float64Array.from({ length: GENERATED_ROWS }, (_, row) => {
    const rating =
      0.35 * logOf('num_voted_users', row) + 1.5 * logOf('duration', row) - 0.1 * logOf('budget', row) - 2.6;
    return Math.min(9.3, Math.max(1.6, Math.round((rating + 0.8 * normal(random)) * 10) / 10));
  });
  return { columns, targets };
}

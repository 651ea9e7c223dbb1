import { readRatingRows, writeRatingRows } from '../../../src/activities/dataset/rating-rows.ts';
import type { Tables } from '../../../src/activities/tables.ts';
import type { ArtifactRef } from '../../../src/domain/artifact.ts';
import type { RatingRows, RatingSchema } from '../../../src/domain/dataset/rating-table.ts';

export type RatingTable = RatingSchema & RatingRows;

/** A table of two features; the key and every value are derived from the number of the film. */
export function ratingTableOf(films: readonly number[]): RatingTable {
  return {
    features: ['budget', 'duration'],
    target: 'imdb_score',
    rowIds: Int32Array.from(films, (_, position) => position + 2),
    keys: films.map((film) => `film-${film}`),
    labels: films.map((film) => `Film ${film}`),
    columns: [
      Float64Array.from(films, (film) => film * 1.5),
      Float64Array.from(films, (film) => 60 + (film % 90)),
    ],
    targets: Float64Array.from(films, (film) => (film % 100) / 10),
  };
}

export async function storeRatingTable(
  tables: Tables,
  run: string,
  name: string,
  table: RatingTable,
): Promise<ArtifactRef> {
  return writeRatingRows(tables, { run, name, schema: table, rows: [table] });
}

/** All rows at once. */
export async function loadRatingRows(tables: Tables, ref: ArtifactRef): Promise<RatingRows> {
  const parts: RatingRows[] = [];
  for await (const part of readRatingRows(tables, ref)) parts.push(part);
  return {
    rowIds: Int32Array.from(parts.flatMap(({ rowIds }) => [...rowIds])),
    keys: parts.flatMap(({ keys }) => keys),
    labels: parts.flatMap(({ labels }) => labels),
    columns: (parts[0]?.columns ?? []).map((_, f) =>
      Float64Array.from(parts.flatMap(({ columns }) => [...(columns[f] as Float64Array)])),
    ),
    targets: Float64Array.from(parts.flatMap(({ targets }) => [...targets])),
  };
}

export function numbersBelow(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}

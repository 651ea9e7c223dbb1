import type { RatingTable } from '../../../src/domain/dataset/rating-table.ts';

/** A table of two features; the key and every value are derived from the number of the film. */
export function ratingTableOf(films: readonly number[]): RatingTable {
  return {
    features: ['budget', 'duration'],
    target: 'imdb_score',
    rowIds: films.map((_, position) => position + 2),
    keys: films.map((film) => `film-${film}`),
    labels: films.map((film) => `Film ${film}`),
    columns: [films.map((film) => film * 1.5), films.map((film) => 60 + (film % 90))],
    targets: films.map((film) => (film % 100) / 10),
  };
}

export function numbersBelow(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}

import type { TrainingSet } from '../../../src/activities/training/forest-engine.ts';
import { naiveDraws } from './naive-forest.ts';
import { numbersBelow } from './rating-table.ts';

const COLUMNS = {
  /** Hardly a value twice. */
  continuous: (draw) => draw(2 ** 31) / 7,
  /** A bin for each value. */
  few: (draw) => draw(200) - 100,
  /** As many values as bins; all but one are rarer than a bin's share. */
  scarce: (draw) => (draw(4) === 0 ? draw(255) : 7),
  /** One value more than bins. */
  scarcer: (draw) => (draw(4) === 0 ? draw(256) : 7),
  /** More values than bins, and every second row has the same. */
  tied: (draw) => (draw(2) === 0 ? 1000 : draw(2000)),
  /** Most rows lie at the lower end, like votes and budgets. */
  skewed: (draw) => Math.floor(2 ** (draw(24_000) / 1000)),
  binary: (draw) => draw(2),
  constant: () => 1.85,
} as const satisfies Record<string, (draw: (bound: number) => number) => number>;

export type ColumnKind = keyof typeof COLUMNS;

/** Ratings computed from the first two features, with noise; the same at every call. */
export function ratingSet(rows: number, kinds: readonly ColumnKind[], seed = 1): TrainingSet {
  const columns = kinds.map((kind, feature) => {
    const draw = naiveDraws(seed, feature);
    return Float64Array.from({ length: rows }, () => COLUMNS[kind](draw));
  });
  const [first = [], second = first] = columns.map(ranksOf);
  const draw = naiveDraws(seed, kinds.length);
  const targets = Float64Array.from(numbersBelow(rows), (row) => {
    const signal = 40 * (first[row] as number) + 25 * Math.abs((second[row] as number) - 0.4);
    return (10 + Math.floor(signal) + draw(15)) / 10;
  });
  return { columns, targets };
}

/** The share of the values that are smaller, so that every column is between 0 and 1. */
function ranksOf(column: Float64Array): Float64Array {
  const sorted = [...column].sort((a, b) => a - b);
  const places = new Map<number, number>();
  sorted.forEach((value, i) => {
    if (!places.has(value)) places.set(value, i / sorted.length);
  });
  return column.map((value) => places.get(value) as number);
}

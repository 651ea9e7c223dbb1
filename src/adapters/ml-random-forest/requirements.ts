import type { TrainingSet, TreeRange } from '../../activities/training/forest-engine.ts';
import { DatasetError, InvalidInput } from '../../domain/errors.ts';
import { parsePipelineInput, type ForestParams } from '../../domain/run/pipeline-input.ts';

/** The package halves the sum of two neighbours. */
const MAX_FEATURE = Number.MAX_VALUE / 2;

/**
 * The package takes what these refuse, and grows trees that predict NaN, send NaN right or are one leaf.
 *
 * @throws DatasetError naming row and column
 */
export function requireTrainable({ columns, targets }: TrainingSet): void {
  const rows = targets.length;
  if (rows === 0) refuse('there are no rows', 'at least one', 'none');
  if (columns.length === 0) refuse('there are no features', 'at least one', 'none');
  columns.forEach((column, feature) => {
    requireNumbers(column, rows, `feature ${feature}`, MAX_FEATURE);
  });
  // It adds up squared differences, each at most twice as far as the farthest target.
  requireNumbers(targets, rows, 'the target', Math.sqrt(Number.MAX_VALUE / rows) / 2);
}

function requireNumbers(column: readonly number[], rows: number, name: string, max: number): void {
  if (column.length !== rows) refuse(`${name} has another length`, `${rows} rows`, `${column.length}`);
  const row = column.findIndex((value) => !(Math.abs(value) <= max));
  if (row >= 0) refuse(`${name}, row ${row}`, `a number of at most ±${max}`, `${column[row]}`);
}

function refuse(what: string, expected: string, got: string): never {
  throw new DatasetError({ what: `cannot grow a forest: ${what}`, where: 'ml-random-forest', expected, got });
}

/**
 * The package rounds, floors or ignores what these refuse.
 *
 * @throws InvalidInput naming every wrong parameter
 */
export function requireHonourable(params: ForestParams, { first, count }: TreeRange): void {
  parsePipelineInput({ forest: params });
  const whole = Number.isInteger(first) && Number.isInteger(count) && first >= 0 && count > 0;
  if (whole && first + count <= params.trees) return;
  const got = `${count} trees from ${first} on`;
  throw new InvalidInput({ what: 'no such trees', expected: `some of ${params.trees} trees`, got });
}

import type { ForestParams } from '../../domain/run/pipeline-input.ts';
import type { ForestEngine } from './forest-engine.ts';

/**
 * Called as soon as the train split is known, and again where the training starts, which may be another worker.
 *
 * @param rows of the train split
 * @throws InvalidInput when the engine has no room for the rows that it would train on
 */
export function requireTrainingRoom(
  engine: Pick<ForestEngine, 'requireRoom'>,
  { rows, features }: { readonly rows: number; readonly features: readonly string[] },
  forest: ForestParams,
): void {
  engine.requireRoom({ rows: Math.min(rows, forest.maxRows ?? rows), features: features.length }, forest);
}

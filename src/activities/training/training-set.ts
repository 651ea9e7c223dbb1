import type { ArtifactRef } from '../../domain/artifact.ts';
import { DatasetError } from '../../domain/errors.ts';
import { sampleDigestText, samplePosition, sampleThreshold } from '../../domain/dataset/row-sample.ts';
import { ratingColumn } from '../../domain/dataset/rating-table.ts';
import type { ForestParams } from '../../domain/run/pipeline-input.ts';
import { ratingSchema, readTrainingSet, type RatingColumns } from '../dataset/rating-rows.ts';
import type { Digests } from '../log/digests.ts';
import type { Tables } from '../tables.ts';
import type { ForestEngine } from './forest-engine.ts';
import { requireTrainingRoom } from './require-training-room.ts';

interface Deps {
  readonly tables: Tables;
  readonly digests: Digests;
}

/**
 * The rows to train on: the train split, or a sample of it with `forest.maxRows`. Every worker and attempt reads the same.
 *
 * @throws InvalidInput before the rows are read, when the engine has no room for them; DatasetError when no row is in
 *   the sample
 */
export async function readRowsToTrainOn(
  { tables, digests }: Deps,
  engine: Pick<ForestEngine, 'requireRoom'>,
  table: ArtifactRef,
  forest: ForestParams,
): Promise<RatingColumns> {
  const { maxRows = table.rows, seed } = forest;
  const { features } = await ratingSchema(tables, table);
  requireTrainingRoom(engine, { rows: table.rows, features }, forest);
  if (maxRows >= table.rows) return readTrainingSet(tables, table);
  const chosen = await chooseRows({ tables, digests }, table, { maxRows, seed });
  return readTrainingSet(tables, table, chosen);
}

/** @returns a 1 for each row of the sample */
async function chooseRows(
  { tables, digests }: Deps,
  table: ArtifactRef,
  { maxRows, seed }: { readonly maxRows: number; readonly seed: number },
): Promise<Uint8Array> {
  const positions = new Float64Array(table.rows);
  let row = 0;
  for await (const { columns } of tables.read(table, [ratingColumn.key])) {
    for (const key of columns[0] as readonly string[]) {
      positions[row] = samplePosition(digests.sha256(sampleDigestText(seed, key)));
      row += 1;
    }
  }
  const threshold = sampleThreshold(positions, maxRows);
  const chosen = Uint8Array.from(positions, (position) => (position < threshold ? 1 : 0));
  if (chosen.includes(1)) return chosen;
  throw new DatasetError({
    what: 'no row is in the sample to train on',
    expected: `a key with at most ${maxRows} rows (forest.maxRows)`,
    got: `${table.rows} rows`,
    hint: 'Choose a column that identifies a row in dataset.key, or set a larger forest.maxRows',
  });
}

import type { ArtifactRef } from '../../domain/artifact.ts';
import { toColumnName } from '../../domain/dataset/rating-table.ts';
import { consumedColumn, featuresOf } from '../../domain/log/consumed-rows.ts';
import { columnsFor } from '../../domain/model/features.ts';
import type { Tables } from '../tables.ts';
import type { LoadedModel } from './model-cache.ts';

/** Some rows with their predictions; NaN where there is no row id, or the rating is unknown. */
export interface ScoredRows {
  readonly rowIds: Float64Array;
  readonly actual: Float64Array;
  readonly predicted: Float64Array;
}

/**
 * Scores consumed rows batch by batch, in their order.
 *
 * @param rows a table of consumed rows
 * @throws ModelMismatch when it lacks a feature of the model
 */
export async function* scoreRows(
  tables: Tables,
  rows: ArtifactRef,
  model: LoadedModel,
): AsyncGenerator<ScoredRows> {
  const batches = tables.read(rows, (schema) => {
    const names = featuresOf(schema);
    const wanted = columnsFor(model, names, names.map(toColumnName));
    return [consumedColumn.row, consumedColumn.actual, ...wanted];
  });
  for await (const { columns } of batches) {
    const [rowIds, actual, ...values] = columns as readonly Float64Array[];
    const predicted = await model.predictor.predict(values);
    yield { rowIds: rowIds as Float64Array, actual: actual as Float64Array, predicted };
  }
}

/** Actual and predicted values of all rows: 16 bytes a row. */
export async function scoreAll(
  tables: Tables,
  rows: ArtifactRef,
  model: LoadedModel,
): Promise<Pick<ScoredRows, 'actual' | 'predicted'>> {
  const actual = new Float64Array(rows.rows);
  const predicted = new Float64Array(rows.rows);
  let position = 0;
  for await (const scored of scoreRows(tables, rows, model)) {
    actual.set(scored.actual, position);
    predicted.set(scored.predicted, position);
    position += scored.actual.length;
  }
  return { actual, predicted };
}

/**
 * The values of some rows, one column per feature.
 *
 * @param positions of rows, in ascending order
 */
export async function takeFeatures(
  tables: Tables,
  rows: ArtifactRef,
  features: readonly string[],
  positions: Int32Array,
): Promise<Float64Array[]> {
  const taken = features.map(() => new Float64Array(positions.length));
  let from = 0;
  let next = 0;
  for await (const batch of tables.read(rows, features.map(toColumnName))) {
    for (; (positions[next] ?? Infinity) < from + batch.rows; next += 1) {
      const row = (positions[next] as number) - from;
      batch.columns.forEach((column, f) => {
        (taken[f] as Float64Array)[next] = column[row] as number;
      });
    }
    from += batch.rows;
  }
  return taken;
}

import type { ConsumedBatch } from '../../domain/log/prediction.ts';
import type { DataFrames } from '../dataset/data-frames.ts';
import { columnsFor } from '../../domain/model/features.ts';
import type { LoadedModel } from './model-cache.ts';

/** The columns of a split that was read back, in the order of its features. */
export function toColumns(frames: DataFrames, batch: ConsumedBatch): readonly (readonly number[])[] {
  const frame = frames.fromRows(
    batch.features,
    batch.rows.map(({ values }) => values),
  );
  return batch.features.map((feature) => frame.doubles(feature));
}

/** One prediction per row, in order. */
export async function predictRows(
  frames: DataFrames,
  model: LoadedModel,
  batch: ConsumedBatch,
): Promise<number[]> {
  if (batch.rows.length === 0) return [];
  const columns = columnsFor(model, batch.features, toColumns(frames, batch));
  return Array.from(await model.predictor.predict(columns.map((column) => Float64Array.from(column))));
}

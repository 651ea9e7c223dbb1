import type { ConsumedBatch } from '../../domain/log/prediction.ts';
import type { DataFrames } from '../dataset/data-frames.ts';
import type { Predictor } from './forest-engine.ts';

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
  predictor: Predictor,
  batch: ConsumedBatch,
): Promise<number[]> {
  if (batch.rows.length === 0) return [];
  return Array.from(await predictor.predict(toColumns(frames, batch)));
}

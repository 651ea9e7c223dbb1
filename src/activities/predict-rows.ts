import type { ConsumedBatch } from '../domain/prediction.ts';
import type { DataFrames } from './data-frames.ts';
import type { Predictor } from './forest-engine.ts';

/** Consumed records as a data frame again, and one prediction per row of it, in order. */
export function predictRows(frames: DataFrames, predictor: Predictor, batch: ConsumedBatch): number[] {
  if (batch.rows.length === 0) return [];
  const frame = frames.fromRows(
    batch.features,
    batch.rows.map(({ values }) => values),
  );
  return predictor.predict(frame.vectors());
}

import type { Prediction } from './prediction.ts';
import type { PipelineResult } from './step-results.ts';

export interface SamplePrediction {
  readonly rowId: number | null;
  readonly title: string;
  readonly actual: number | null;
  readonly predicted: number;
}

/** Content of a run's report artifact. */
export interface RunReport {
  readonly result: Omit<PipelineResult, 'report' | 'seconds'>;
  readonly samples: readonly SamplePrediction[];
}

export const SAMPLE_SIZE = 10;

/** Up to {@link SAMPLE_SIZE} predictions, evenly spaced over the rows, so that every run of the same data shows the same. */
export function samplePredictions(
  predictions: readonly Prediction[],
  titles: ReadonlyMap<number, string>,
): SamplePrediction[] {
  const step = Math.max(1, predictions.length / SAMPLE_SIZE);
  const picked = Array.from({ length: Math.min(SAMPLE_SIZE, predictions.length) }, (_, i) =>
    Math.floor(i * step),
  );
  return picked.map((position) => {
    const { rowId, actual, prediction, key } = predictions[position] as Prediction;
    const title = rowId === null ? undefined : titles.get(rowId);
    return { rowId, title: title ?? key, actual, predicted: prediction };
  });
}

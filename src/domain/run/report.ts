import type { BatchThroughput } from '../stream/batch-throughput.ts';
import type { OffsetRange } from '../log/offsets.ts';
import type { PipelineInput } from './pipeline-input.ts';
import { describeBytes } from '../log/bytes.ts';
import type { Prediction } from '../log/prediction.ts';
import type { PipelineResult } from './step-results.ts';

export interface SamplePrediction {
  readonly rowId: number | null;
  readonly title: string;
  readonly actual: number | null;
  readonly predicted: number;
}

/** Content of a run's report artifact. */
export interface RunReport {
  readonly result: Omit<PipelineResult, 'report' | 'page' | 'seconds'>;
  readonly samples: readonly SamplePrediction[];
  readonly lineage: RunLineage;
}

/** Where a run's numbers come from. */
export interface RunLineage {
  readonly workflowId: string;
  readonly runId: string;
  /** In the Temporal UI. */
  readonly url: string;
  /** Of this package, and the git commit it was built from. */
  readonly version: string;
  readonly commit: string | null;
  readonly asOf: string;
  /** With every default filled in. */
  readonly input: PipelineInput;
  /** What was published and read back, by split. */
  readonly offsets: {
    readonly batch: readonly PublishedRange[];
    readonly stream: readonly PublishedRange[];
  };
  readonly throughput: readonly BatchThroughput[];
  /** Wall-clock seconds by step, before the report. */
  readonly seconds: Readonly<Record<string, number>>;
}

export interface PublishedRange extends OffsetRange {
  readonly records: number;
}

export const SAMPLE_SIZE = 10;

/** Predictions with the titles of their rows; a row without one is shown by its key. */
export function withTitles(
  predictions: readonly Pick<Prediction, 'key' | 'rowId' | 'actual' | 'prediction'>[],
  titles: ReadonlyMap<number, string>,
): SamplePrediction[] {
  return predictions.map(({ rowId, actual, prediction, key }) => {
    const title = rowId === null ? undefined : titles.get(rowId);
    return { rowId, title: title ?? describeBytes(key), actual, predicted: prediction };
  });
}

/** Up to {@link SAMPLE_SIZE} predictions, evenly spaced over the rows, so that every run of the same data shows the same. */
export function samplePredictions(
  predictions: readonly Prediction[],
  titles: ReadonlyMap<number, string>,
): SamplePrediction[] {
  const step = Math.max(1, predictions.length / SAMPLE_SIZE);
  const picked = Array.from(
    { length: Math.min(SAMPLE_SIZE, predictions.length) },
    (_, i) => predictions[Math.floor(i * step)] as Prediction,
  );
  return withTitles(picked, titles);
}

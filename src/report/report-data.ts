import type { DriftHistograms } from '../domain/dataset/quality/histogram.ts';
import type { RunLineage, RunReport, SamplePrediction } from '../domain/run/report.ts';

/** Everything that a page shows. */
export interface ReportData {
  readonly result: RunReport['result'];
  readonly lineage: RunLineage;
  readonly samples: readonly SamplePrediction[];
  /** Every row of the batch split, and of the stream split, with its prediction. */
  readonly batch: readonly SamplePrediction[];
  readonly stream: readonly SamplePrediction[];
  /** Of the columns in the result’s drift, in that order. */
  readonly histograms: DriftHistograms;
}

export interface JudgedPrediction extends SamplePrediction {
  readonly actual: number;
  /** Predicted minus actual. */
  readonly error: number;
}

/** The predictions whose actual value is known. */
export function judged(predictions: readonly SamplePrediction[]): readonly JudgedPrediction[] {
  return predictions.flatMap((prediction) => {
    const { actual, predicted } = prediction;
    return actual === null ? [] : [{ ...prediction, actual, error: predicted - actual }];
  });
}

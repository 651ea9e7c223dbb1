import type { DriftHistograms } from '../domain/dataset/quality/histogram.ts';
import type { RunLineage, RunReport, SamplePrediction } from '../domain/run/report.ts';
import type { SplitErrors } from './split-errors.ts';

/** Everything that a page shows; its size does not depend on the number of rows, but for the residuals. */
export interface ReportData {
  readonly result: RunReport['result'];
  readonly lineage: RunLineage;
  /** Of the stream split. */
  readonly samples: readonly SamplePrediction[];
  readonly batch: SplitErrors;
  readonly stream: SplitErrors;
  /** Of the columns in the result’s drift, in that order. */
  readonly histograms: DriftHistograms;
}

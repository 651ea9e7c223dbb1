import type { BatchThroughput } from '../stream/batch-throughput.ts';
import type { OffsetRange } from '../log/offsets.ts';
import type { PipelineInput } from './pipeline-input.ts';
import type { PipelineResult } from './step-results.ts';

export interface SamplePrediction {
  readonly rowId: number | null;
  readonly title: string;
  readonly actual: number | null;
  readonly predicted: number;
}

/** Content of a run's report artifact. */
export interface RunReport {
  readonly result: Omit<PipelineResult, 'report' | 'page' | 'mlflow' | 'seconds'>;
  readonly samples: readonly SamplePrediction[];
  readonly lineage: RunLineage;
}

/** Where a run's numbers come from. */
export interface RunLineage {
  readonly workflowId: string;
  readonly runId: string;
  /** In the Temporal UI. */
  readonly url: string;
  /** Of its run in MLflow; absent without MLFLOW_TRACKING_URI, and while MLflow is away. */
  readonly mlflowUrl?: string;
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

/**
 * Positions of up to {@link SAMPLE_SIZE} rows, evenly spaced over all, so that every run of the same data shows the
 * same.
 */
export function samplePositions(rows: number): readonly number[] {
  const step = Math.max(1, rows / SAMPLE_SIZE);
  return Array.from({ length: Math.min(SAMPLE_SIZE, rows) }, (_, i) => Math.floor(i * step));
}

/** A prediction whose title is not known yet; NaN where there is no row id, or no actual value. */
export interface UntitledPrediction {
  readonly rowId: number;
  readonly actual: number;
  readonly predicted: number;
}

/** A row without a title is shown by its number. */
export function withTitle(
  { rowId, actual, predicted }: UntitledPrediction,
  titles: ReadonlyMap<number, string>,
): SamplePrediction {
  const hasRow = !Number.isNaN(rowId);
  return {
    rowId: hasRow ? rowId : null,
    title: titles.get(rowId) ?? (hasRow ? `row ${rowId}` : 'a row without a number'),
    actual: Number.isNaN(actual) ? null : actual,
    predicted,
  };
}

import type { ArtifactRef } from '../artifact.ts';
import type { BatchThroughput } from '../stream/batch-throughput.ts';
import type { Drift } from '../dataset/quality/drift.ts';
import type { ColumnGaps } from '../dataset/dataset-columns.ts';
import type { LeftOutColumn } from '../dataset/features.ts';
import type { Dialect } from '../dataset/dialect.ts';
import type { RegressionMetrics } from '../model/metrics.ts';
import type { MetricIntervals } from '../model/metric-intervals.ts';
import type { LearningPoint } from '../model/learning-curve.ts';
import type { FeatureImportance, ForestModel, OutOfBagScore } from '../model/model.ts';
import type { PromotionResult } from '../registry/model-registry.ts';
import type { Split } from '../names.ts';
import type { ManifestTotals, OffsetRange, TopicManifest } from '../log/offsets.ts';
import type { PermutationImportance } from '../model/permutation-importance.ts';
import type { ModelRef } from '../stream/stream-input.ts';
import type { CompactRange } from '../stream/stream-job.ts';
import type { LedgerState } from '../stream/stream-ledger.ts';
import type { PartitionOffset } from '../stream/stream-plan.ts';
import type { BadRecord } from '../stream/nothing-scored.ts';
import type { FailedBatch, StreamTotals } from '../stream/batch.ts';

/** A result is a Temporal payload, which must stay small even for very wide files. */
export const MAX_REPORTED_COLUMNS = 40;

export interface LoadDatasetResult {
  /** The rows that were kept: see RatingRows. */
  readonly table: ArtifactRef;
  readonly source: { readonly path: string; readonly sha256: string; readonly bytes: number };
  /** The time that the date parts of the path were filled in with, ISO 8601; absent when it has none. */
  readonly asOf?: string;
  readonly dialect: Dialect;
  readonly rows: LoadedRows;
  readonly badRows: BadRows;
  readonly features: readonly string[];
  readonly target: string;
  /** null: a hash of all its cells identifies a row. */
  readonly keyColumn: string | null;
  /** Of the rows that are not bad: those that only a hash of all cells identifies. */
  readonly keyless: number;
  /** Used columns with gaps, most gaps first, at most 40. A row with two gaps counts in two columns. */
  readonly gaps: readonly ColumnGaps[];
  /** Used columns whose cells are not all plain numbers, at most 40. */
  readonly notations: readonly {
    readonly column: string;
    readonly notation: string;
    readonly sample: string;
  }[];
  /** Columns that are neither features nor target, at most 40. */
  readonly leftOut: readonly LeftOutColumn[];
  readonly leftOutCount: number;
  /** Text columns that would identify a row, since every cell is filled and unique; empty when there is a key. At most 5. */
  readonly keyCandidates: readonly string[];
}

/** loaded = kept + dropped; dropped = bad + empty + unreadable. */
export interface LoadedRows {
  readonly loaded: number;
  readonly kept: number;
  readonly dropped: number;
  /** Rows with too many cells or malformed quotes. */
  readonly bad: number;
  /** Rows that lack a cell of a used column, and have no unreadable one. */
  readonly empty: number;
  /** Rows with a cell of a used column that is no number. */
  readonly unreadable: number;
}

export interface BadRows {
  readonly count: number;
  /** Lines of the file on which the first ten begin. */
  readonly lines: readonly number[];
  /** What is wrong with the first one. */
  readonly first: string | null;
}

export interface CheckDatasetResult {
  /** A table of the profile, see `writeProfile`. */
  readonly profile: ArtifactRef;
  readonly drift: Drift;
  /** DriftHistograms of the columns in {@link drift}; null when there was nothing to compare with. */
  readonly histograms: ArtifactRef | null;
}

export interface SplitDatasetResult {
  /** As the dataset's table. */
  readonly splits: Readonly<Record<Split, ArtifactRef>>;
  /** Over the three splits: equal for equal splits, whatever the run. */
  readonly sha256: string;
}

export interface ConsumeSplitResult {
  /** A table of consumed rows. */
  readonly rows: ArtifactRef;
}

/** What the training measured. */
export interface ModelQuality {
  /** null when every row was in every bag. */
  readonly outOfBag: OutOfBagScore | null;
  /** Mean decrease in impurity of the most important features, most important first. */
  readonly importances: readonly FeatureImportance[];
  /** Out-of-bag RMSE by number of trees, growing; the last is {@link outOfBag}'s. */
  readonly learning: readonly LearningPoint[];
}

export interface TrainForestResult extends ForestModel, ModelQuality {}

export interface EvaluateModelResult {
  readonly metrics: RegressionMetrics;
  readonly intervals: MetricIntervals;
  /** On the batch split; the most important features, most important first. */
  readonly permutationImportances: readonly PermutationImportance[];
  /** The model with its metrics, for people and registries. */
  readonly card: ArtifactRef;
}

export interface ConsumeMicroBatchResult {
  /** A table of consumed rows. */
  readonly rows: ArtifactRef;
  /** A table; absent when there are none. */
  readonly deadLetters?: ArtifactRef;
  /** What was read, dead letters included; the parts of a stream add up to its manifest. */
  readonly read: ManifestTotals;
  readonly deadLettered: number;
  /** Of a micro-batch without a record that can be scored. */
  readonly firstBad?: BadRecord;
  /** The end of the ranges, when `stream.microBatchBytes` did not allow more. */
  readonly rest?: readonly OffsetRange[];
  /** Of a stream that follows a champion: the model for this whole micro-batch, even if another is promoted meanwhile. */
  readonly model?: ModelRef;
}

export interface PredictMicroBatchResult {
  /** A table of predictions, in the order of the consumed rows. */
  readonly scored: ArtifactRef;
}

export interface PublishPredictionsResult {
  readonly predictions: TopicManifest;
  readonly deadLetters: TopicManifest;
}

/** What a micro-batch, or all micro-batches of a stream together, did. */
export interface ScoreResult {
  readonly read: ManifestTotals;
  readonly predicted: number;
  readonly deadLettered: number;
  /** While nothing was scored. */
  readonly firstBad?: BadRecord;
  /** Version of the champion that scored it; absent when the stream does not follow one. */
  readonly model?: string;
}

export interface ScoreMicroBatchResult extends ScoreResult {
  /** See `ConsumeMicroBatchResult`. */
  readonly rest?: readonly CompactRange[];
}

export interface ScoreStreamResult extends ScoreResult {
  readonly batches: number;
  /** Numbers of those that were split off others, because `stream.microBatchBytes` did not allow more; absent if none were. */
  readonly parts?: readonly number[];
  /** Skipped by an operator; absent when there are none. */
  readonly skipped?: SkippedBatches;
  /** By batch. */
  readonly throughput: readonly BatchThroughput[];
}

export interface SkippedBatches {
  readonly batches: number;
  /** An upper bound of their records. */
  readonly offsets: number;
  /** A few of them. */
  readonly first: readonly Pick<FailedBatch, 'batch' | 'reason'>[];
}

/** What a continuous stream did until it was stopped. */
export interface ContinuousResult extends StreamTotals {
  readonly topic: string;
  /** Everything before is finished; the next start continues here. */
  readonly finished: readonly PartitionOffset[];
  /** As of the last poll of the topic; null when there was none. */
  readonly lag: number | null;
  /** Stopped before an operator repaired them; the next start scores them again. */
  readonly failed: readonly Pick<FailedBatch, 'batch' | 'reason'>[];
}

export interface OpenStreamResult {
  readonly epoch: number;
  readonly ledger: LedgerState;
  /** Before so much time has passed, the position must be committed again: the broker forgets it otherwise. */
  readonly renewEveryMs: number;
  /** Version of the model that would score now. */
  readonly model: string;
}

export interface ReconcileRunResult {
  /** null when no row of the stream split had a known rating. */
  readonly metrics: RegressionMetrics | null;
  /** A table: the predictions of the stream split, by row. */
  readonly predictions: ArtifactRef;
  /** Over (row id, prediction) in row order: equal for equal predictions, whatever the run. */
  readonly predictionsSha256: string;
}

/** What became of a run in MLflow. */
export type MlflowResult =
  | {
      readonly runId: string;
      readonly url: string;
      /** Of the model that `promotion.model` names. */
      readonly version: string;
      readonly versionUrl: string;
    }
  /** Why it was not logged. */
  | { readonly failure: string };

export interface PipelineResult {
  readonly run: string;
  readonly dataset: Omit<LoadDatasetResult, 'rows' | 'table'>;
  readonly rows: LoadDatasetResult['rows'] & Readonly<Record<Split, number>>;
  readonly drift: Drift;
  readonly splitSha256: string;
  readonly published: { readonly batch: number; readonly stream: number };
  readonly consumed: { readonly batch: number; readonly stream: number };
  readonly batches: number;
  readonly predicted: number;
  readonly deadLettered: number;
  /** Skipped by an operator; absent when there are none. */
  readonly skipped?: SkippedBatches;
  readonly model: ForestModel;
  readonly quality: ModelQuality & Pick<EvaluateModelResult, 'intervals' | 'permutationImportances'>;
  readonly promotion: PromotionResult;
  readonly metrics: { readonly batch: RegressionMetrics; readonly stream: RegressionMetrics | null };
  readonly predictionsSha256: string;
  readonly report: ArtifactRef;
  /** The report as an HTML page. */
  readonly page: ArtifactRef;
  /** Absent without MLFLOW_TRACKING_URI. */
  readonly mlflow?: MlflowResult;
  /** Wall-clock seconds by step. */
  readonly seconds: Readonly<Record<string, number>>;
}

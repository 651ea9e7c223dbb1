import { workflowInfo } from '@temporalio/workflow';
import { describeMetrics } from '../../domain/model/metrics.ts';
import { manifestTotals, type TopicManifest } from '../../domain/log/offsets.ts';
import type { PromotionResult } from '../../domain/registry/model-registry.ts';
import { reportUrl } from '../../domain/run/report-url.ts';
import type { PublishedRange, RunLineage, RunReport } from '../../domain/run/report.ts';
import type {
  CheckDatasetResult,
  ConsumeSplitResult,
  EvaluateModelResult,
  LoadDatasetResult,
  PipelineResult,
  ReconcileRunResult,
  ScoreStreamResult,
  SplitDatasetResult,
} from '../../domain/run/step-results.ts';
import { workflowUrl } from '../../domain/run/ui-links.ts';
import { counted } from '../../domain/text.ts';
import { rows } from '../labels.ts';
import type { Run } from './context.ts';
import type { Trained } from './train.ts';

export interface Loaded {
  readonly loaded: LoadDatasetResult;
  readonly checked: CheckDatasetResult;
}

/** What the steps before `reconcile` did. */
export interface Scored extends Loaded, Trained {
  readonly parts: SplitDatasetResult;
  readonly publishedBatch: TopicManifest;
  readonly consumed: ConsumeSplitResult;
  readonly publishedStream: TopicManifest;
  readonly scored: ScoreStreamResult;
}

/** What the steps before `report` did. */
export interface Reconciled extends Scored {
  readonly evaluated: EvaluateModelResult;
  readonly promotion: PromotionResult;
  readonly reconciled: ReconcileRunResult;
}

/** JSON for programs and a page for people. @returns the run's result, which is also in both */
export async function report(
  run: Run,
  done: Reconciled,
  mlflowUrl: string | undefined,
): Promise<PipelineResult> {
  const {
    parts: { splits },
    consumed,
    reconciled: { predictions },
  } = done;
  const result = toResult(run, done);
  const written = await run.step('report', {
    async call() {
      const json = await run
        .activities(`model ${result.model.version}: ${describeMetrics(result.metrics.batch)}`)
        .writeReport({
          run: run.name,
          result,
          predictions,
          stream: splits.stream,
          lineage: { ...lineageOf(run, done), ...(mlflowUrl !== undefined && { mlflowUrl }) },
        });
      const page = await run
        .activities(
          `${counted(consumed.rows.rows + predictions.rows, 'prediction')}, ${counted(result.batches, 'micro-batch')}`,
        )
        .renderReport({
          run: run.name,
          report: json,
          batch: { consumed: consumed.rows, table: splits.batch },
          stream: { predictions, table: splits.stream },
          histograms: done.checked.histograms,
        });
      return { report: json, page };
    },
    result: ({ page }) => `${rows(page.bytes)} bytes`,
  });
  const { facts } = run;
  if (facts.reportUrl) run.show({ report: reportUrl(facts.reportUrl, written.page.uri) });
  return { ...result, ...written, seconds: run.seconds() };
}

function toResult(run: Run, done: Reconciled): RunReport['result'] {
  const {
    loaded,
    parts: { splits, sha256 },
    consumed,
    evaluated,
    scored,
    reconciled,
  } = done;
  const { table: _table, rows: counts, ...dataset } = loaded;
  return {
    run: run.name,
    dataset,
    rows: { ...counts, train: splits.train.rows, batch: splits.batch.rows, stream: splits.stream.rows },
    drift: done.checked.drift,
    splitSha256: sha256,
    published: {
      batch: manifestTotals(done.publishedBatch).records,
      stream: manifestTotals(done.publishedStream).records,
    },
    consumed: { batch: consumed.rows.rows, stream: scored.read.records },
    batches: scored.batches,
    predicted: scored.predicted,
    deadLettered: scored.deadLettered,
    ...(scored.skipped && { skipped: scored.skipped }),
    model: done.model,
    quality: {
      ...done.quality,
      intervals: evaluated.intervals,
      permutationImportances: evaluated.permutationImportances,
    },
    promotion: done.promotion,
    metrics: { batch: evaluated.metrics, stream: reconciled.metrics },
    predictionsSha256: reconciled.predictionsSha256,
  };
}

function lineageOf(run: Run, { publishedBatch, publishedStream, scored }: Reconciled): RunLineage {
  const { workflowId, runId } = workflowInfo();
  const { version, commit, uiUrl } = run.facts;
  return {
    workflowId,
    runId,
    url: workflowUrl(uiUrl, workflowId, runId),
    version,
    commit,
    asOf: run.asOf,
    input: run.input,
    offsets: { batch: toRanges(publishedBatch), stream: toRanges(publishedStream) },
    throughput: scored.throughput,
    seconds: run.seconds(),
  };
}

function toRanges({ partitions }: TopicManifest): readonly PublishedRange[] {
  return partitions.map(({ partition, offsetFrom, offsetTo, records }) => ({
    partition,
    offsetFrom,
    offsetTo,
    records,
  }));
}

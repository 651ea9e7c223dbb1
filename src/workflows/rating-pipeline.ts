import { executeChild, workflowInfo } from '@temporalio/workflow';
import { describeMetrics } from '../domain/model/metrics.ts';
import { streamWorkflowId, workflowType } from '../domain/names.ts';
import { countOffsets, describeRanges, manifestTotals } from '../domain/log/offsets.ts';
import {
  parsePipelineInput,
  type PipelineInput,
  type PipelineInputJson,
} from '../domain/run/pipeline-input.ts';
import type { PipelineResult } from '../domain/run/step-results.ts';
import { activities } from './activities.ts';
import { orFail } from './failure.ts';
import { featuresLabel, rows } from './labels.ts';
import { publish } from './pipeline/publish.ts';
import { report } from './pipeline/report.ts';
import { openRun, type Run } from './pipeline/context.ts';
import type { ScoreRanges } from './stream/bounded.ts';
import { openWorkflowContext, recordEnd } from './context.ts';
import { trainAndJudge } from './pipeline/train-and-judge.ts';

/**
 * One run: load → split → publish batch → consume batch → train → evaluate → promote → publish stream → score stream →
 * reconcile → report.
 *
 * Every step is retried on its own and resumes where it stopped; only references, offsets, counts and metrics pass
 * through here. Start it with nothing for the default run.
 *
 * @throws InvalidInput, DatasetError, … as ApplicationFailure, see `domain/errors.ts`
 */
export async function ratingPipeline(input?: PipelineInputJson): Promise<PipelineResult> {
  const settings = await parseOrTell(input);
  const run = await openRun(settings);
  try {
    const result = await runSteps(settings, run);
    run.setAttributes({ PipelineState: 'Completed', RowsScored: result.predicted });
    return result;
  } catch (error) {
    await recordEnd(run, error);
    throw error;
  }
}

/** @throws InvalidInput as ApplicationFailure */
async function parseOrTell(input: PipelineInputJson | undefined): Promise<PipelineInput> {
  try {
    return orFail(() => parsePipelineInput(input));
  } catch (error) {
    await recordEnd(await openWorkflowContext(), error);
    throw error;
  }
}

async function runSteps(settings: PipelineInput, run: Run): Promise<PipelineResult> {
  const { dataset, topic, stream } = settings;
  const { name, step } = run;

  const loaded = await step(
    'load',
    () =>
      activities(
        `${dataset.path} as of ${run.asOf.slice(0, 10)}: ${featuresLabel(dataset.features)} → ${dataset.target}`,
      ).loadDataset({
        run: name,
        dataset,
        asOf: run.asOf,
      }),
    (result) =>
      `${result.asOf === undefined ? '' : `${result.source.path}: `}${rows(result.rows.kept)} of ${rows(result.rows.loaded)} rows kept, ${result.features.length} features`,
  );
  run.setAttributes({ DatasetSha: loaded.source.sha256 });
  const { features, target } = loaded;

  const { splits, sha256: splitSha256 } = await step(
    'split',
    () => {
      const { train: forTraining, batch, stream: forStream } = settings.split;
      return activities(
        `${rows(loaded.rows.kept)} rows → ${forTraining} / ${batch} / ${forStream}`,
      ).splitDataset({
        run: name,
        table: loaded.table,
        split: settings.split,
      });
    },
    (result) =>
      Object.entries(result.splits)
        .map(([split, ref]) => `${split} ${rows(ref.rows)}`)
        .join(', '),
  );

  const batchManifest = await publish('batch', splits.batch, topic, run);
  const publishedBatch = manifestTotals(batchManifest).records;

  const consumedBatch = await step(
    'consume batch',
    () =>
      activities(
        `${rows(publishedBatch)} rows ← ${describeRanges(topic, batchManifest.partitions)}`,
      ).consumeSplit({ run: name, split: 'batch', manifest: batchManifest, features, target }),
    (result) => `${rows(result.rows.rows)} rows, hash equal`,
  );

  const { model, evaluated, promotion, quality } = await trainAndJudge(settings, run, {
    train: splits.train,
    batch: consumedBatch.rows,
    keyColumn: loaded.keyColumn,
  });

  const streamManifest = await publish('stream', splits.stream, topic, run);
  const publishedStream = manifestTotals(streamManifest);

  const streamId = streamWorkflowId(workflowInfo().workflowId);
  run.showWorkflow('micro-batches', streamId);
  const scored = await step(
    'score stream',
    () =>
      executeChild<ScoreRanges>(workflowType.scoreStream, {
        workflowId: streamId,
        args: [{ run: name, topic, ranges: streamManifest.partitions, model, stream }],
        staticSummary: `score stream: ${rows(publishedStream.records)} rows with model ${model.version}`,
      }),
    (result) =>
      `${rows(result.predicted)} predicted, ${rows(result.deadLettered)} dead-lettered in ${result.batches} batches`,
  );

  const reconciled = await step(
    'reconcile',
    () =>
      activities(`${rows(scored.predicted)} predictions, ${rows(loaded.rows.loaded)} rows`).reconcileRun({
        run: name,
        counts: {
          loaded: loaded.rows.loaded,
          dropped: loaded.rows.dropped,
          train: splits.train.rows,
          batch: splits.batch.rows,
          stream: splits.stream.rows,
          publishedBatch,
          consumedBatch: consumedBatch.rows.rows,
          publishedStream,
          readStream: scored.read,
          batches: scored.batches,
          predicted: scored.predicted,
          deadLettered: scored.deadLettered,
          ...(scored.skipped && {
            skippedOffsets: countOffsets(scored.skipped.flatMap(({ ranges }) => ranges)),
          }),
        },
        topic,
        microBatches: scored.batches + (scored.skipped?.length ?? 0),
      }),
    (result) =>
      result.metrics ? `all counts agree; stream ${describeMetrics(result.metrics)}` : 'all counts agree',
  );
  if (reconciled.metrics) run.showMetrics('stream split', reconciled.metrics);

  const { table: _table, rows: counts, ...datasetFacts } = loaded;
  const result = {
    run: name,
    dataset: datasetFacts,
    rows: { ...counts, train: splits.train.rows, batch: splits.batch.rows, stream: splits.stream.rows },
    splitSha256,
    published: { batch: publishedBatch, stream: publishedStream.records },
    consumed: { batch: consumedBatch.rows.rows, stream: scored.read.records },
    batches: scored.batches,
    predicted: scored.predicted,
    deadLettered: scored.deadLettered,
    ...(scored.skipped && { skipped: scored.skipped }),
    model,
    quality,
    ...(promotion && { promotion }),
    metrics: { batch: evaluated, stream: reconciled.metrics },
    predictionsSha256: reconciled.predictionsSha256,
  };
  const written = await report(run, {
    ...{ settings, result, scored },
    manifests: { batch: batchManifest, stream: streamManifest },
    tables: splits,
    consumedBatch: consumedBatch.rows,
    predictions: reconciled.predictions,
  });
  return { ...result, ...written, seconds: run.seconds() };
}

import { executeChild, workflowInfo } from '@temporalio/workflow';
import { describeMetrics } from '../domain/metrics.ts';
import { runName, streamWorkflowId, workflowType } from '../domain/names.ts';
import { countOffsets, describeRanges, manifestTotals } from '../domain/offsets.ts';
import { parsePipelineInput, type PipelineInputJson } from '../domain/pipeline-input.ts';
import type { PipelineResult } from '../domain/step-results.ts';
import { activities } from './activities.ts';
import { orFail } from './failure.ts';
import { featuresLabel, rows } from './labels.ts';
import { scoreRanges } from './score-ranges.ts';
import { createStepTracker } from './step-tracker.ts';
import { train } from './train.ts';

/**
 * One run: load → split → publish batch → consume batch → train → evaluate → publish stream → score stream →
 * reconcile → report.
 *
 * Every step is retried on its own and resumes where it stopped; only references, offsets, counts and metrics pass
 * through here. Start it with nothing for the default run.
 *
 * @throws InvalidInput, DatasetError, … as ApplicationFailure, see `domain/errors.ts`
 */
export async function ratingPipeline(input?: PipelineInputJson): Promise<PipelineResult> {
  const { dataset, split, topic, forest, stream } = orFail(() => parsePipelineInput(input));
  const { workflowId, firstExecutionRunId } = workflowInfo();
  const run = runName(workflowId, firstExecutionRunId);
  const { step, seconds } = createStepTracker();

  const loaded = await step(
    'load',
    () =>
      activities(`${dataset.path}: ${featuresLabel(dataset.features)} → ${dataset.target}`).loadDataset({
        run,
        dataset,
      }),
    (result) =>
      `${rows(result.rows.kept)} of ${rows(result.rows.loaded)} rows kept, ${result.features.length} features`,
  );
  const { features, target } = loaded;

  const { splits, sha256: splitSha256 } = await step(
    'split',
    () =>
      activities(
        `${rows(loaded.rows.kept)} rows → ${split.train} / ${split.batch} / ${split.stream}`,
      ).splitDataset({
        run,
        table: loaded.table,
        split,
      }),
    (result) =>
      Object.entries(result.splits)
        .map(([name, ref]) => `${name} ${rows(ref.rows)}`)
        .join(', '),
  );

  const batchManifest = await step(
    'publish batch',
    () =>
      activities(`${rows(splits.batch.rows)} rows → ${topic}`).publishSplit({
        run,
        split: 'batch',
        table: splits.batch,
        topic,
      }),
    (manifest) => describeRanges(topic, manifest.partitions),
  );
  const publishedBatch = manifestTotals(batchManifest).records;

  const consumedBatch = await step(
    'consume batch',
    () =>
      activities(
        `${rows(publishedBatch)} rows ← ${describeRanges(topic, batchManifest.partitions)}`,
      ).consumeSplit({
        run,
        split: 'batch',
        manifest: batchManifest,
        features,
        target,
      }),
    (result) => `${rows(result.rows.rows)} rows, hash equal`,
  );

  const { outOfBag, importances, ...model } = await step(
    'train',
    () => train(run, splits.train, forest),
    (result) =>
      `model ${result.version}, ${rows(result.artifact.bytes)} bytes` +
      (result.outOfBag ? `; out of bag: ${describeMetrics(result.outOfBag)}` : ''),
  );

  const { metrics: batchMetrics, permutationImportances } = await step(
    'evaluate',
    () =>
      activities(`model ${model.version} on ${rows(consumedBatch.rows.rows)} rows`).evaluateModel({
        run,
        model,
        forest,
        rows: consumedBatch.rows,
      }),
    (result) => describeMetrics(result.metrics),
  );

  const streamManifest = await step(
    'publish stream',
    () =>
      activities(`${rows(splits.stream.rows)} rows → ${topic}`).publishSplit({
        run,
        split: 'stream',
        table: splits.stream,
        topic,
      }),
    (manifest) => describeRanges(topic, manifest.partitions),
  );
  const publishedStream = manifestTotals(streamManifest);

  const scored = await step(
    'score stream',
    () =>
      executeChild<typeof scoreRanges>(workflowType.scoreStream, {
        workflowId: streamWorkflowId(workflowId),
        args: [{ run, topic, ranges: streamManifest.partitions, model, stream }],
        staticSummary: `${rows(publishedStream.records)} rows with model ${model.version}`,
      }),
    (result) =>
      `${rows(result.predicted)} predicted, ${rows(result.deadLettered)} dead-lettered in ${result.batches} batches`,
  );

  const reconciled = await step(
    'reconcile',
    () =>
      activities(`${rows(scored.predicted)} predictions, ${rows(loaded.rows.loaded)} rows`).reconcileRun({
        run,
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

  const { table: _table, rows: counts, ...datasetFacts } = loaded;
  const result = {
    run,
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
    quality: { outOfBag, importances, permutationImportances },
    metrics: { batch: batchMetrics, stream: reconciled.metrics },
    predictionsSha256: reconciled.predictionsSha256,
  };
  const report = await step(
    'report',
    () =>
      activities(`model ${model.version}: ${describeMetrics(batchMetrics)}`).writeReport({
        run,
        result,
        predictions: reconciled.predictions,
        stream: splits.stream,
      }),
    (ref) => ref.uri,
  );
  return { ...result, report, seconds: seconds() };
}

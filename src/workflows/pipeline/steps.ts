import { executeChild, workflowInfo } from '@temporalio/workflow';
import { describeData } from '../../domain/dataset/data-facts.ts';
import { describeDrift, hasChanged } from '../../domain/dataset/quality/drift.ts';
import { describeMetrics } from '../../domain/model/metrics.ts';
import { describeRanges, manifestTotals, type TopicManifest } from '../../domain/log/offsets.ts';
import { streamWorkflowId, workflowType, type PublishedSplit } from '../../domain/names.ts';
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
import { counted } from '../../domain/text.ts';
import { featuresLabel, loadedLabel, rows } from '../labels.ts';
import type { ScoreRanges } from '../stream/bounded.ts';
import type { Run } from './context.ts';
import { logToMlflow, openInMlflow } from './mlflow.ts';
import { waitForPlace } from './place.ts';
import { promote } from './promote.ts';
import { report, type Loaded, type Scored } from './report.ts';
import { train, type Trained } from './train.ts';

/** The steps of a run, one call each. What a step calls and shows is below, or in another file of this folder. */
export async function runSteps(run: Run): Promise<PipelineResult> {
  await waitForPlace(run);
  const { loaded, checked } = await load(run);
  const parts = await split(run, loaded);
  const publishedBatch = await publish(run, 'batch', parts);
  const consumed = await consume(run, loaded, publishedBatch);
  const trained = await train(run, parts);
  const evaluated = await evaluate(run, trained, consumed, checked);
  const promotion = await promote(run, { ...trained, loaded, checked, parts, consumed, evaluated });
  const publishedStream = await publish(run, 'stream', parts);
  const scored = await score(run, trained, publishedStream);
  const done = { ...trained, loaded, checked, parts, publishedBatch, consumed, publishedStream, scored };
  const reconciled = await reconcile(run, done);
  const inMlflow = await openInMlflow(run);
  const result = await report(run, { ...done, evaluated, promotion, reconciled }, inMlflow?.url);
  return logToMlflow(run, result, consumed);
}

/** Reads the file, then stops the run if its rows are not what the input allows: nothing is published before. */
async function load(run: Run): Promise<Loaded> {
  const { dataset, quality, promotion } = run.input;
  const { path, features, target } = dataset;
  const done = await run.step('load', {
    async call() {
      const loaded = await run
        .activities(`${path} as of ${run.asOf.slice(0, 10)}: ${featuresLabel(features)} → ${target}`)
        .loadDataset({ run: run.name, dataset, asOf: run.asOf });
      // Before the checks: their failure is explained by what the load found.
      run.show({ data: describeData(loaded) });
      const checked = await run
        .activities(
          `${rows(loaded.rows.kept)} rows against the limits and the champion of ${promotion.model}`,
        )
        .checkDataset({
          run: run.name,
          loaded,
          limits: { ...quality, maxMissing: quality.maxMissing ?? dataset.maxMissing },
          model: promotion.model,
        });
      return { loaded, checked };
    },
    result: ({ loaded, checked: { drift } }) => `${loadedLabel(loaded)}; ${describeDrift(drift)}`,
  });
  run.setAttributes({ DatasetSha: done.loaded.source.sha256 });
  const { drift } = done.checked;
  run.show({ drift });
  if (hasChanged(drift)) {
    const { drifted, gone, added } = drift;
    const facts = { drifted, gone: gone.count, added: added.count };
    void run.notify('dataset.drifted', describeDrift(drift), facts);
  }
  return done;
}

function split(run: Run, { table, rows: { kept } }: LoadDatasetResult): Promise<SplitDatasetResult> {
  const { train, batch, stream } = run.input.split;
  return run.step('split', {
    call: () =>
      run.activities(`${rows(kept)} rows → ${train} / ${batch} / ${stream}`).splitDataset({
        run: run.name,
        table,
        split: run.input.split,
        forest: run.input.forest,
      }),
    result: ({ splits }) =>
      Object.entries(splits)
        .map(([name, ref]) => `${name} ${rows(ref.rows)}`)
        .join(', '),
  });
}

function publish(run: Run, name: PublishedSplit, { splits }: SplitDatasetResult): Promise<TopicManifest> {
  const { topic, stream } = run.input;
  const table = splits[name];
  return run.step(`publish ${name}`, {
    call: () =>
      run.activities(`${rows(table.rows)} rows → ${topic}`).publishSplit({
        run: run.name,
        split: name,
        table,
        topic,
        registerSchemas: stream.registerSchemas,
      }),
    result: ({ partitions }) => describeRanges(topic, partitions),
  });
}

function consume(
  run: Run,
  { features, target }: LoadDatasetResult,
  manifest: TopicManifest,
): Promise<ConsumeSplitResult> {
  const { records } = manifestTotals(manifest);
  return run.step('consume batch', {
    call: () =>
      run
        .activities(`${rows(records)} rows ← ${describeRanges(run.input.topic, manifest.partitions)}`)
        .consumeSplit({ run: run.name, split: 'batch', manifest, features, target }),
    result: (consumed) => `${rows(consumed.rows.rows)} rows, hash equal`,
  });
}

async function evaluate(
  run: Run,
  { model }: Trained,
  { rows: batch }: ConsumeSplitResult,
  checked: CheckDatasetResult,
): Promise<EvaluateModelResult> {
  const { forest } = run.input;
  const evaluated = await run.step('evaluate', {
    call: () =>
      run.activities(`model ${model.version} on ${rows(batch.rows)} rows`).evaluateModel({
        run: run.name,
        model,
        forest,
        rows: batch,
        checked,
      }),
    result: ({ metrics }) => describeMetrics(metrics),
  });
  run.showMetrics('batch split', evaluated.metrics);
  run.setAttributes({ Rmse: evaluated.metrics.rmse });
  return evaluated;
}

function score(run: Run, { model }: Trained, published: TopicManifest): Promise<ScoreStreamResult> {
  const { topic, stream } = run.input;
  const { records } = manifestTotals(published);
  const workflowId = streamWorkflowId(workflowInfo().workflowId);
  run.showWorkflow('micro-batches', workflowId);
  return run.step('score stream', {
    call: () =>
      run.watch(() =>
        executeChild<ScoreRanges>(workflowType.scoreStream, {
          workflowId,
          args: [{ run: run.name, topic, ranges: published.partitions, model, stream }],
          staticSummary: `score stream: ${rows(records)} rows with model ${model.version}`,
        }),
      ),
    result: ({ predicted, deadLettered, batches }) =>
      `${rows(predicted)} predicted, ${rows(deadLettered)} dead-lettered in ${counted(batches, 'batch')}`,
  });
}

/** Compares the counts and hashes of all steps with each other. */
async function reconcile(run: Run, done: Scored): Promise<ReconcileRunResult> {
  const {
    loaded,
    parts: { splits },
    scored,
  } = done;
  const { parts = [] } = scored;
  const reconciled = await run.step('reconcile', {
    call: () =>
      run.activities(`${rows(scored.predicted)} predictions, ${rows(loaded.rows.loaded)} rows`).reconcileRun({
        run: run.name,
        topic: run.input.topic,
        microBatches: scored.batches + (scored.skipped?.batches ?? 0) - parts.length,
        parts,
        counts: {
          loaded: loaded.rows.loaded,
          dropped: loaded.rows.dropped,
          train: splits.train.rows,
          batch: splits.batch.rows,
          stream: splits.stream.rows,
          publishedBatch: manifestTotals(done.publishedBatch).records,
          consumedBatch: done.consumed.rows.rows,
          publishedStream: manifestTotals(done.publishedStream),
          readStream: scored.read,
          batches: scored.batches,
          predicted: scored.predicted,
          deadLettered: scored.deadLettered,
          skippedOffsets: scored.skipped?.offsets ?? 0,
        },
      }),
    result: ({ metrics }) =>
      metrics ? `all counts agree; stream ${describeMetrics(metrics)}` : 'all counts agree',
  });
  if (reconciled.metrics) run.showMetrics('stream split', reconciled.metrics);
  return reconciled;
}

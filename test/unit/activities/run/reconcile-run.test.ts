import { expect } from 'vitest';
import { readJson } from '../../../../src/activities/artifact-store.ts';
import { createEvaluateModel } from '../../../../src/activities/training/evaluate-model.ts';
import { createReconcileRun } from '../../../../src/activities/run/reconcile-run.ts';
import { createWriteReport } from '../../../../src/activities/run/write-report.ts';
import { nodeDigests } from '../../../../src/adapters/digests.ts';
import { ReconciliationError } from '../../../../src/domain/errors.ts';
import { manifestTotals } from '../../../../src/domain/log/offsets.ts';
import { parsePipelineInput } from '../../../../src/domain/run/pipeline-input.ts';
import type { LogRecord } from '../../../../src/domain/log/record.ts';
import type { RunReport } from '../../../../src/domain/run/report.ts';
import { runActivity } from '../../../support/unit/activity.ts';
import { reportDataOf } from '../../../support/unit/report-data.ts';
import { rowsOf } from '../../../support/unit/tables/rows.ts';
import { MODEL, RUN, TABLE, test, type PublishedStream } from '../scoring/published-stream.ts';

async function scoreAll(stream: PublishedStream) {
  const consumed = await stream.consume();
  await stream.publish(consumed, (await stream.predict(consumed.rows)).scored);
  const counts = {
    loaded: 100,
    dropped: 0,
    train: 80,
    batch: 8,
    stream: 12,
    publishedBatch: 8,
    consumedBatch: 8,
    publishedStream: manifestTotals(stream.published),
    readStream: consumed.read,
    batches: 1,
    predicted: 12,
    deadLettered: 0,
    skippedOffsets: 0,
  };
  return { run: RUN, topic: 'a1', microBatches: 1, parts: [], counts };
}

test('a run whose counts agree gets its predictions in row order and its metrics', async ({ stream }) => {
  const { predictions, metrics, predictionsSha256 } = await runActivity(
    createReconcileRun(stream),
    await scoreAll(stream),
  );
  const found = await rowsOf(stream.tables, predictions);
  const errors = Array.from(TABLE.targets, (rating, i) =>
    Math.abs(rating - Number(found[i]?.['prediction'])),
  );

  expect(found.map((row) => [row['_row'], row['actual']])).toEqual(
    Array.from(TABLE.rowIds, (rowId, i) => [rowId, TABLE.targets[i]]),
  );
  expect(metrics?.mae).toBeCloseTo(errors.reduce((a, b) => a + b, 0) / errors.length, 9);
  expect(predictionsSha256).toBe(
    nodeDigests.sha256(found.map((row) => `${String(row['_row'])}:${String(row['prediction'])}`).join('\n')),
  );
});

test('a prediction that is missing from its topic fails the run', async ({ stream }) => {
  const input = await scoreAll(stream);
  stream.log.topics.get('a1.predictions')?.splice(3, 1);

  await expect(runActivity(createReconcileRun(stream), input)).rejects.toThrow(ReconciliationError);
  await expect(runActivity(createReconcileRun(stream), input)).rejects.toThrow(
    'predictions in the topic: expected 12, got 11',
  );
});

test('a prediction that is in its topic twice fails the run', async ({ stream }) => {
  const input = await scoreAll(stream);
  const predictions = stream.log.topics.get('a1.predictions') as LogRecord[];
  predictions.splice(3, 0, predictions[2] as LogRecord);

  await expect(runActivity(createReconcileRun(stream), input)).rejects.toThrow(
    'predictions in the topic: expected 12, got 13',
  );
});

test('a micro-batch without a marker in the log fails the run, whatever the counts', async ({ stream }) => {
  const { counts, ...input } = await scoreAll(stream);
  const claimed = { ...input, microBatches: 2, counts: { ...counts, batches: 2 } };

  await expect(runActivity(createReconcileRun(stream), claimed)).rejects.toThrow(
    'micro-batches with a completion marker: expected 2, got 1',
  );
});

const CHECKED = {
  profile: MODEL.artifact,
  drift: {
    champion: null,
    compared: 0,
    drifted: 0,
    columns: [],
    gone: { count: 0, names: [] },
    added: { count: 0, names: [] },
  },
  histograms: null,
};

test('a model is evaluated on the rows read back, which its model card names', async ({ stream }) => {
  const { rows } = await stream.consume();
  const { forest } = parsePipelineInput({});
  const { metrics, intervals, card, permutationImportances } = await runActivity(
    createEvaluateModel(stream),
    {
      run: RUN,
      model: MODEL,
      forest,
      rows,
      checked: CHECKED,
    },
  );

  expect(intervals.rmse[0]).toBeLessThanOrEqual(metrics.rmse);
  expect(intervals.rmse[1]).toBeGreaterThanOrEqual(metrics.rmse);
  expect(await readJson(stream.artifacts, card)).toEqual({
    model: MODEL,
    trainedFrom: { profile: CHECKED.profile, drift: CHECKED.drift },
    params: forest,
    evaluatedOn: { rows: 12, sha256: rows.sha256 },
    metrics,
    intervals,
    permutationRows: 12,
    permutationImportances,
  });
  expect(permutationImportances.map(({ feature }) => feature).sort()).toEqual([...TABLE.features].sort());
});

test('the report shows sample predictions with titles, which are not in Kafka', async ({ stream }) => {
  const { predictions } = await runActivity(createReconcileRun(stream), await scoreAll(stream));
  const result = { run: RUN } as RunReport['result'];
  const ref = await runActivity(createWriteReport(stream), {
    run: RUN,
    result,
    predictions,
    stream: stream.table,
    lineage: reportDataOf().lineage,
  });
  const { samples } = await readJson<RunReport>(stream.artifacts, ref);

  expect(samples.length).toBeGreaterThan(0);
  for (const { rowId, title, actual } of samples) {
    const position = TABLE.rowIds.indexOf(rowId ?? -1);
    expect([title, actual]).toEqual([TABLE.labels[position], TABLE.targets[position]]);
  }
});

import { expect, test as base } from 'vitest';
import { readJson, writeJson } from '../../../../src/activities/artifact-store.ts';
import { createConsumeMicroBatch } from '../../../../src/activities/scoring/consume-micro-batch.ts';
import type { DataFrames } from '../../../../src/activities/dataset/data-frames.ts';
import { createEvaluateModel } from '../../../../src/activities/training/evaluate-model.ts';
import type { LoadModel } from '../../../../src/activities/training/model-cache.ts';
import { createPredictMicroBatch } from '../../../../src/activities/scoring/predict-micro-batch.ts';
import { createPublishPredictions } from '../../../../src/activities/scoring/publish-predictions.ts';
import { createPublishSplit } from '../../../../src/activities/log/publish-split.ts';
import { createReconcileRun } from '../../../../src/activities/run/reconcile-run.ts';
import { createResolveModel } from '../../../../src/activities/scoring/resolve-model.ts';
import { createStreamJobs } from '../../../../src/activities/scoring/stream-jobs.ts';
import { createWriteReport } from '../../../../src/activities/run/write-report.ts';
import { nodeDigests } from '../../../../src/adapters/digests.ts';
import {
  InvalidInput,
  MalformedRecord,
  ModelMismatch,
  ReconciliationError,
  TooManyBadRecords,
} from '../../../../src/domain/errors.ts';
import type { Champion, RegisteredModel } from '../../../../src/domain/registry/model-registry.ts';
import type { ForestModel } from '../../../../src/domain/model/model.ts';
import { championAlias } from '../../../../src/domain/names.ts';
import { manifestTotals } from '../../../../src/domain/log/offsets.ts';
import { parsePipelineInput } from '../../../../src/domain/run/pipeline-input.ts';
import type { ConsumedBatch, Prediction, ScoredBatch } from '../../../../src/domain/log/prediction.ts';
import type { LogRecord } from '../../../../src/domain/log/record.ts';
import type { ConsumeMicroBatchResult } from '../../../../src/domain/run/step-results.ts';
import type { StreamJob } from '../../../../src/domain/stream/stream-job.ts';
import type { RunReport } from '../../../../src/domain/run/report.ts';
import { runActivity } from '../../../support/unit/activity.ts';
import { createMemoryArtifacts } from '../../../support/unit/memory-artifacts.ts';
import { createMemoryLog } from '../../../support/unit/memory-log.ts';
import { reportDataOf } from '../../../support/unit/report-data.ts';
import { numbersBelow, ratingTableOf } from '../../../support/unit/rating-table.ts';

const RUN = 'nightly/1';
const TABLE = ratingTableOf(numbersBelow(12));
const MODEL: ForestModel = {
  version: 'cafe',
  artifact: { uri: 'model', sha256: 'cafe', bytes: 1, rows: 1 },
  engine: 'ml-random-forest',
  features: TABLE.features,
  target: TABLE.target,
  trainingRows: 80,
};

/** Vectors in, columns out: what {@link toColumns} asks of a data frame. */
const frames = {
  fromRows: (columns: readonly string[], rows: readonly (readonly number[])[]) => ({
    doubles: (column: string) => rows.map((row) => row[columns.indexOf(column)]),
  }),
} as unknown as DataFrames;

/** Predicts the sum of the features; the model's file says what its reference says. */
const loadModel: LoadModel = async (model) => ({
  ...MODEL,
  ...model,
  predictor: {
    predict: async (columns) =>
      Float64Array.from(columns[0] ?? [], (_, row) =>
        columns.reduce((sum, column) => sum + (column[row] as number), 0),
      ),
  },
});

/** A topic with a published stream split, and one micro-batch over all of it. */
async function publishStream() {
  const log = createMemoryLog();
  const artifacts = createMemoryArtifacts();
  const jobs = createStreamJobs(artifacts);
  let champion: Champion | null = null;
  const resolveModel = createResolveModel({ champion: async () => champion });
  const deps = {
    artifacts,
    publisher: log,
    reader: log,
    digests: nodeDigests,
    frames,
    loadModel,
    resolveModel,
    jobs,
  };
  const table = await writeJson(artifacts, RUN, 'stream', 12, TABLE);
  const published = await runActivity(createPublishSplit(deps), {
    run: RUN,
    split: 'stream',
    table,
    topic: 'a1',
  });
  const batch = { batch: 0, ranges: published.partitions };
  const job: StreamJob = {
    run: RUN,
    topic: 'a1',
    model: MODEL,
    onBadRecord: 'dead-letter',
    maxBadFraction: 1,
    select: 'own',
  };
  return {
    ...deps,
    log,
    table,
    published,
    records: log.topics.get('a1') as LogRecord[],
    consume: async (settings: Partial<StreamJob> = {}) =>
      runActivity(createConsumeMicroBatch(deps), {
        ...batch,
        job: await jobs.store({ ...job, ...settings }),
      }),
    predict: async (rows: Parameters<ReturnType<typeof createPredictMicroBatch>>[0]['rows'], model = MODEL) =>
      runActivity(createPredictMicroBatch(deps), {
        batch: 0,
        job: await jobs.store({ ...job, model }),
        rows,
      }),
    follow: async ({ rows, model }: ConsumeMicroBatchResult) =>
      runActivity(createPredictMicroBatch(deps), {
        batch: 0,
        rows,
        ...(model && { model }),
        job: await jobs.store({ ...job, model: championAlias('imdb-score') }),
      }),
    promote: (version: string) => {
      const model: Partial<RegisteredModel> = { version, artifact: MODEL.artifact };
      champion = { model: model as RegisteredModel, since: '' };
    },
    publish: async (scored: Parameters<ReturnType<typeof createPublishPredictions>>[0]['scored']) =>
      runActivity(createPublishPredictions(deps), {
        ...batch,
        job: await jobs.store(job),
        lane: 0,
        scored,
      }),
  };
}

type PublishedStream = Awaited<ReturnType<typeof publishStream>>;

const test = base.extend('stream', async ({}) => publishStream());

const GARBAGE = new Uint8Array([0xff, 0x00, 0x7b]);

function spoil(records: LogRecord[], position: number): LogRecord {
  const spoiled = { ...(records[position] as LogRecord), value: GARBAGE };
  records[position] = spoiled;
  return spoiled;
}

test('a micro-batch is read to its last record, with the totals that were published', async ({ stream }) => {
  const { rows, read, deadLettered } = await stream.consume();

  expect(deadLettered).toBe(0);
  expect(read).toEqual(manifestTotals(stream.published));
  expect((await readJson<ConsumedBatch>(stream.artifacts, rows)).rows.map(({ rowId }) => rowId)).toEqual(
    TABLE.rowIds,
  );
});

test('a bad record is set aside byte for byte and counts as read; the rest goes on', async ({ stream }) => {
  const bad = spoil(stream.records, 4);
  const { rows, read, deadLettered } = await stream.consume();
  const batch = await readJson<ConsumedBatch>(stream.artifacts, rows);

  expect([read.records, deadLettered, batch.rows.length]).toEqual([12, 1, 11]);
  expect(batch.deadLetters).toMatchObject([
    {
      partition: 0,
      offset: bad.offset,
      value: Buffer.from(GARBAGE).toString('base64'),
      errorType: 'MalformedRecord',
    },
  ]);
});

test('with onBadRecord "fail" a bad record fails the batch and names the place', async ({ stream }) => {
  const { offset } = spoil(stream.records, 4);
  const failure = stream.consume({ onBadRecord: 'fail' });

  await expect(failure).rejects.toThrow(MalformedRecord);
  await expect(failure).rejects.toThrow(`[a1[0]@${offset}]`);
});

test.for([
  [0, 1, 'at most 0 %'],
  [0.25, 4, 'at most 25 %'],
] as const)(
  'with maxBadFraction %d, %d bad records of 12 fail the batch, naming the first',
  async ([maxBadFraction, bad, message], { stream }) => {
    for (let position = 1; position <= bad; position += 1) spoil(stream.records, position);
    const failure = stream.consume({ maxBadFraction });

    await expect(failure).rejects.toThrow(TooManyBadRecords);
    await expect(failure).rejects.toThrow(`${message} (stream.maxBadFraction), got ${bad} of 12, the first:`);
    await expect(failure).rejects.toThrow(`[a1[0]@${stream.records[1]?.offset}]`);
  },
);

test('with maxBadFraction 0.25, 3 bad records of 12 are dead letters', async ({ stream }) => {
  for (const position of [0, 5, 11]) spoil(stream.records, position);

  expect(await stream.consume({ maxBadFraction: 0.25 })).toMatchObject({ deadLettered: 3 });
});

test('a continuous stream takes every record, whoever wrote it and whatever key it has', async ({
  stream,
}) => {
  const { features } = TABLE;
  const value = new TextEncoder().encode(
    JSON.stringify(Object.fromEntries(features.map((name) => [name, 1]))),
  );
  const foreign = { partition: 0, timestamp: '0', value, headers: [] };
  const key = new TextEncoder().encode('same');
  stream.records.splice(
    0,
    Infinity,
    { ...foreign, offset: 3, key: null },
    { ...foreign, offset: 5, key },
    { ...foreign, offset: 6, key },
  );

  const { rows, read } = await stream.consume({ select: 'all' });
  const { scored } = await stream.predict(rows);
  const { predictions } = await readJson<ScoredBatch>(stream.artifacts, scored);

  expect(read.records).toBe(3);
  expect(predictions.map(({ source, rowId, actual }) => [source.offset, rowId, actual])).toEqual([
    [3, null, null],
    [5, null, null],
    [6, null, null],
  ]);
});

test('every row gets the prediction of its values, with the model and its place', async ({ stream }) => {
  const { scored } = await stream.predict((await stream.consume()).rows);
  const { predictions } = await readJson<ScoredBatch>(stream.artifacts, scored);

  expect(predictions).toEqual(
    TABLE.rowIds.map((rowId, i) => ({
      key: `${RUN}/stream/${rowId}`,
      rowId,
      prediction: TABLE.columns.reduce((sum, column) => sum + (column[i] as number), 0),
      actual: TABLE.targets[i],
      modelVersion: 'cafe',
      source: { topic: 'a1', partition: 0, offset: stream.records[i]?.offset },
    })),
  );
});

test('a micro-batch that follows a champion is scored by the one it began with', async ({ stream }) => {
  const followed = { model: championAlias('imdb-score') };
  stream.promote('aaaaaaaaaaaa');
  const consumed = await stream.consume(followed);
  stream.promote('bbbbbbbbbbbb');
  const next = await stream.consume(followed);

  expect([consumed.model?.version, next.model?.version]).toEqual(['aaaaaaaaaaaa', 'bbbbbbbbbbbb']);
  const { scored } = await stream.follow(consumed);
  const { predictions } = await readJson<ScoredBatch>(stream.artifacts, scored);
  expect(new Set(predictions.map(({ modelVersion }) => modelVersion))).toEqual(new Set(['aaaaaaaaaaaa']));
});

test('a stream without a champion to follow is told where one comes from', async ({ stream }) => {
  const failure = stream.consume({ model: championAlias('wine') });

  await expect(failure).rejects.toThrow(InvalidInput);
  await expect(failure).rejects.toThrow('no champion to score with [wine@champion]');
  await expect(failure).rejects.toThrow('promotion.model "wine"');
});

test('a stream that keeps its model asks no registry, and its results are as they were', async ({
  stream,
}) => {
  stream.promote('aaaaaaaaaaaa');

  expect(await stream.consume()).not.toHaveProperty('model');
});

test('a batch of nothing but bad records is scored without an error', async ({ stream }) => {
  stream.records.forEach((_, position) => spoil(stream.records, position));
  const { scored } = await stream.predict((await stream.consume()).rows);

  expect(await readJson<ScoredBatch>(stream.artifacts, scored)).toMatchObject({
    predictions: [],
    deadLetters: stream.records.map(({ offset }) => ({ offset })),
  });
});

test('a model of other features does not score the batch', async ({ stream }) => {
  const { rows } = await stream.consume();
  const swapped = { ...MODEL, features: [...MODEL.features].reverse() };

  await expect(stream.predict(rows, swapped)).rejects.toThrow(ModelMismatch);
});

test('predictions and dead letters are published together, once, whatever the retries', async ({
  stream,
}) => {
  const bad = spoil(stream.records, 4);
  const { scored } = await stream.predict((await stream.consume()).rows);
  const first = await stream.publish(scored);

  expect(await stream.publish(scored)).toEqual(first);
  expect(manifestTotals(first.predictions).records).toBe(11);
  expect(manifestTotals(first.deadLetters).records).toBe(1);
  expect(stream.log.topics.get('a1.predictions')).toHaveLength(11);
  expect(stream.log.topics.get('a1.dead-letters')?.map(({ key, value }) => ({ key, value }))).toEqual([
    { key: bad.key, value: GARBAGE },
  ]);
});

async function scoreAll(stream: PublishedStream) {
  const consumed = await stream.consume();
  await stream.publish((await stream.predict(consumed.rows)).scored);
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
  return { run: RUN, topic: 'a1', microBatches: 1, counts };
}

test('a run that adds up is reconciled to its predictions in row order and metrics', async ({ stream }) => {
  const { predictions, metrics, predictionsSha256 } = await runActivity(
    createReconcileRun(stream),
    await scoreAll(stream),
  );
  const found = await readJson<Prediction[]>(stream.artifacts, predictions);
  const errors = TABLE.targets.map((rating, i) => Math.abs(rating - (found[i]?.prediction ?? Number.NaN)));

  expect(found.map(({ rowId }) => rowId)).toEqual(TABLE.rowIds);
  expect(metrics?.mae).toBeCloseTo(errors.reduce((a, b) => a + b, 0) / errors.length, 9);
  expect(predictionsSha256).toBe(
    nodeDigests.sha256(found.map(({ rowId, prediction }) => `${rowId}:${prediction}`).join('\n')),
  );
});

test('a prediction that vanished from its topic fails the run', async ({ stream }) => {
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

test('a model is judged on the rows as they came back, and its card says by what', async ({ stream }) => {
  const { rows } = await stream.consume();
  const { forest } = parsePipelineInput({});
  const { metrics, card, permutationImportances } = await runActivity(createEvaluateModel(stream), {
    run: RUN,
    model: MODEL,
    forest,
    rows,
  });

  expect(metrics.rmse).toBeGreaterThan(0);
  expect(await readJson(stream.artifacts, card)).toEqual({
    model: MODEL,
    params: forest,
    evaluatedOn: { rows: 12, sha256: rows.sha256 },
    metrics,
    permutationImportances,
  });
  expect(permutationImportances.map(({ feature }) => feature).sort()).toEqual([...TABLE.features].sort());
});

test('the report shows sample predictions by their titles, which never were in Kafka', async ({ stream }) => {
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

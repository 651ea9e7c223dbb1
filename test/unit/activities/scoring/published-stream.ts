import { test as base } from 'vitest';
import { createConsumeMicroBatch } from '../../../../src/activities/scoring/consume-micro-batch.ts';
import type { LoadModel } from '../../../../src/activities/training/model-cache.ts';
import { createPredictMicroBatch } from '../../../../src/activities/scoring/predict-micro-batch.ts';
import { createPublishPredictions } from '../../../../src/activities/scoring/publish-predictions.ts';
import { createPublishSplit } from '../../../../src/activities/log/publish-split.ts';
import { createResolveModel } from '../../../../src/activities/scoring/resolve-model.ts';
import { createStreamJobs } from '../../../../src/activities/scoring/stream-jobs.ts';
import { createArrowTables } from '../../../../src/adapters/arrow/tables.ts';
import { nodeDigests } from '../../../../src/adapters/digests.ts';
import type { ArtifactRef } from '../../../../src/domain/artifact.ts';
import type { Champion, RegisteredModel } from '../../../../src/domain/registry/model-registry.ts';
import type { ForestModel } from '../../../../src/domain/model/model.ts';
import { championAlias } from '../../../../src/domain/names.ts';
import type { OffsetRange } from '../../../../src/domain/log/offsets.ts';
import type { LogRecord } from '../../../../src/domain/log/record.ts';
import type { ConsumeMicroBatchResult } from '../../../../src/domain/run/step-results.ts';
import type { StreamJob } from '../../../../src/domain/stream/stream-job.ts';
import { runActivity } from '../../../support/unit/activity.ts';
import { createMemoryArtifacts } from '../../../support/unit/memory-artifacts.ts';
import { createMemorySchemas } from '../../../support/log/memory-schemas.ts';
import { createMemoryLog, packer } from '../../../support/unit/memory-log.ts';
import { numbersBelow, ratingTableOf, storeRatingTable } from '../../../support/unit/rating-table.ts';

export const RUN = 'nightly/1';
export const TABLE = ratingTableOf(numbersBelow(12));
export const MODEL: ForestModel = {
  version: 'cafe',
  artifact: { uri: 'model', sha256: 'cafe', bytes: 1, rows: 1 },
  engine: 'ml-random-forest',
  features: TABLE.features,
  target: TABLE.target,
  trainingRows: 80,
};

/** Predicts the sum of the features. The model's file has the facts of its reference. */
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
  const schemas = createMemorySchemas();
  const log = createMemoryLog();
  const artifacts = createMemoryArtifacts();
  const tables = createArrowTables(artifacts);
  const jobs = createStreamJobs(artifacts);
  let champion: Champion | null = null;
  const resolveModel = createResolveModel({ champion: async () => champion });
  const deps = {
    artifacts,
    packer,
    tables,
    publisher: log,
    reader: log,
    digests: nodeDigests,
    loadModel,
    plots: { prepare: () => undefined },
    resolveModel,
    jobs,
    schemas: schemas.registry,
  };
  const table = await storeRatingTable(tables, RUN, 'stream', TABLE);
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
    maxBytes: 1_000_000,
    select: 'own',
  };
  return {
    ...deps,
    log,
    schemas,
    table,
    published,
    records: log.topics.get('a1') as LogRecord[],
    consume: async (settings: Partial<StreamJob> = {}, ranges: readonly OffsetRange[] = batch.ranges) =>
      runActivity(createConsumeMicroBatch(deps), {
        ...batch,
        ranges,
        job: await jobs.store({ ...job, ...settings }),
      }),
    /** By a worker without a Schema Registry. */
    consumeAlone: async (settings: Partial<StreamJob>) =>
      runActivity(createConsumeMicroBatch({ ...deps, schemas: undefined }), {
        ...batch,
        job: await jobs.store({ ...job, ...settings }),
      }),
    predict: async (rows: ArtifactRef, model = MODEL) =>
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
    publish: async (
      { rows, deadLetters }: ConsumeMicroBatchResult,
      scored: ArtifactRef,
      settings: Partial<StreamJob> = {},
    ) =>
      runActivity(createPublishPredictions(deps), {
        ...batch,
        job: await jobs.store({ ...job, ...settings }),
        lane: 0,
        rows,
        scored,
        ...(deadLetters && { deadLetters }),
      }),
  };
}

export type PublishedStream = Awaited<ReturnType<typeof publishStream>>;

export const test = base.extend('stream', async ({}) => publishStream());

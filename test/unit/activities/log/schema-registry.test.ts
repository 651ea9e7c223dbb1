import { expect, test as base } from 'vitest';
import { createPublishSplit } from '../../../../src/activities/log/publish-split.ts';
import type { SchemaRegistry } from '../../../../src/activities/log/schema-registry.ts';
import { createPrepareStream } from '../../../../src/activities/scoring/prepare-stream.ts';
import { createStreamJobs } from '../../../../src/activities/scoring/stream-jobs.ts';
import { createArrowTables } from '../../../../src/adapters/arrow/tables.ts';
import { SchemaRefused, SchemaRegistryError } from '../../../../src/domain/errors.ts';
import { schemaIdOf } from '../../../../src/domain/log/framed-value.ts';
import { createMemorySchemas } from '../../../support/log/memory-schemas.ts';
import { runActivity } from '../../../support/unit/activity.ts';
import { createMemoryArtifacts } from '../../../support/unit/memory-artifacts.ts';
import { createMemoryLog, packer } from '../../../support/unit/memory-log.ts';
import { numbersBelow, ratingTableOf, storeRatingTable } from '../../../support/unit/rating-table.ts';

const TABLE = ratingTableOf(numbersBelow(3));
const JOB = {
  run: 'nightly/1',
  topic: 'a1',
  model: 'imdb-score@champion',
  onBadRecord: 'dead-letter',
  maxBadFraction: 1,
  maxBytes: 1_000,
  select: 'own',
} as const;

/** A worker, its registry and its topics. */
const test = base.extend('worker', async ({}) => {
  const log = createMemoryLog();
  const artifacts = createMemoryArtifacts();
  const tables = createArrowTables(artifacts);
  const jobs = createStreamJobs(artifacts);
  const schemas = createMemorySchemas();
  const table = await storeRatingTable(tables, JOB.run, 'batch', TABLE);
  const deps = { packer, tables, publisher: log, jobs, schemas: schemas.registry };
  return {
    log,
    jobs,
    schemas,
    publish: (registerSchemas: boolean, registry: SchemaRegistry | null = deps.schemas) =>
      runActivity(createPublishSplit({ ...deps, schemas: registry ?? undefined }), {
        run: JOB.run,
        split: 'batch',
        table,
        topic: 'a1',
        registerSchemas,
      }),
    prepare: (registerSchemas: boolean) =>
      runActivity(createPrepareStream(deps), { ...JOB, registerSchemas }),
  };
});

test('rows are framed with the schema of their topic', async ({ worker }) => {
  await worker.publish(true);
  const { subjects } = worker.schemas;
  const id = [...subjects.keys()].indexOf('a1-value') + 1;

  expect((worker.log.topics.get('a1') ?? []).map(({ value }) => schemaIdOf(value))).toEqual([id, id, id]);
  expect(JSON.parse(subjects.get('a1-value') ?? '')).toMatchObject({
    type: 'object',
    required: [...TABLE.features, TABLE.target],
  });
});

test('rows have no frame and the registry is not asked, unless the input says so', async ({ worker }) => {
  worker.schemas.setAway(true);
  await worker.publish(false);

  expect((worker.log.topics.get('a1') ?? []).map(({ value }) => schemaIdOf(value))).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});

test.for(['a1-value', 'a1.predictions-value'])(
  'no row is written when the schema of %s is refused',
  async (subject, { worker }) => {
    worker.schemas.refused.add(subject);

    await expect(worker.publish(true)).rejects.toThrow(SchemaRefused);
    expect(worker.log.topics.size).toBe(0);
  },
);

test('no row is written by a worker without the registry that the input asks for', async ({ worker }) => {
  await expect(worker.publish(true, null)).rejects.toThrow(SchemaRegistryError);
  expect(worker.log.topics.size).toBe(0);
});

test('the job of a stream has the schema id of its predictions, if they are framed', async ({ worker }) => {
  expect(await worker.jobs.load(await worker.prepare(true))).toEqual({ ...JOB, predictionSchema: 1 });
  expect([...worker.schemas.subjects.keys()]).toEqual(['a1.predictions-value']);
  expect(await worker.jobs.load(await worker.prepare(false))).toEqual(JOB);
});

import { randomUUID } from 'node:crypto';
import { expect, onTestFinished } from 'vitest';
import { createReconcileRun } from '../../../src/activities/run/reconcile-run.ts';
import { createArrowTables } from '../../../src/adapters/arrow/tables.ts';
import { openArtifacts } from '../../../src/adapters/stores.ts';
import { nodeDigests } from '../../../src/adapters/digests.ts';
import {
  deadLettersTopic,
  microBatchPublication,
  predictionsTopic,
  workflowType,
} from '../../../src/domain/names.ts';
import { mergeManifests, type TopicManifest } from '../../../src/domain/log/offsets.ts';
import { createPredictionRecords } from '../../../src/domain/log/prediction.ts';
import type { OutgoingRecord } from '../../../src/domain/log/record.ts';
import type { PipelineResult } from '../../../src/domain/run/step-results.ts';
import { runActivity } from '../../support/unit/activity.ts';
import { publish, test, UNWATCHED } from '../../support/log/record-log.ts';

const BATCHES = 6;
const BATCH_ROWS = 50;
const FOREIGN_BYTES = 60_000_000;
const NO_STREAM = { records: 0, contentHash: '0'.repeat(32) };

test('a run is reconciled in bounded memory, however much others wrote in between', async ({
  environment,
  log,
  admin,
  producer,
}) => {
  const run = `reconciled/${randomUUID()}`;
  const source = environment.newTopic();
  const topic = predictionsTopic(source);
  await admin.createTopics({ topics: [{ topic, numPartitions: 2 }], waitForLeaders: true });
  await log.publisher.ensureTopics([source, deadLettersTopic(source)]);
  const manifests: TopicManifest[] = [];
  for (let batch = 0; batch < BATCHES; batch += 1) {
    const { manifests: written } = await log.publisher.publishOnce({
      names: microBatchPublication(run, 0, batch),
      batches: [
        {
          topic,
          records: predictionsOf(run, batch),
        },
        { topic: deadLettersTopic(source), records: [] },
      ],
      ...UNWATCHED,
    });
    manifests.push(written[0] as TopicManifest);
    await publish(log, topic, 'another run', 20);
    for (let bytes = 0; bytes < FOREIGN_BYTES; bytes += 900_000)
      await producer.send({ topic, messages: [{ partition: batch % 2, value: Buffer.alloc(900_000) }] });
  }
  const total = BATCHES * BATCH_ROWS;
  const counts = {
    loaded: total,
    dropped: 0,
    train: 0,
    batch: 0,
    stream: total,
    publishedBatch: 0,
    consumedBatch: 0,
    publishedStream: { ...NO_STREAM, records: total },
    readStream: { ...NO_STREAM, records: total },
    predicted: total,
    deadLettered: 0,
    skippedOffsets: 0,
  };
  // The second time, as if one batch had been written among the records of the others.
  const asOne = async () => [
    mergeManifests(topic, manifests),
    { topic: deadLettersTopic(source), partitions: [] },
  ];

  for (const [publisher, batches] of [
    [log.publisher, BATCHES],
    [{ ...log.publisher, findPublished: asOne }, 1],
  ] as const) {
    const { artifacts } = await openArtifacts(environment.config);
    const deps = {
      tables: createArrowTables(artifacts),
      digests: nodeDigests,
      reader: log.reader,
      publisher,
      plots: { prepare: () => undefined },
    };
    const peak = watchMemory();
    const input = { run, topic: source, microBatches: batches, parts: [], counts: { ...counts, batches } };
    const { predictions, metrics } = await runActivity(createReconcileRun(deps), input);

    expect(predictions.rows).toBe(total);
    expect(metrics?.mae).toBeCloseTo(1, 9);
    expect(peak()).toBeLessThan((BATCHES * FOREIGN_BYTES) / 2);
  }
});

test('micro-batches that are bounded by bytes predict and reconcile the same rows', async ({
  environment,
  worker: _worker,
}) => {
  const { client, config, newId, newTopic } = environment;
  const run = (stream: object): Promise<PipelineResult> =>
    client.workflow.execute(workflowType.ratingPipeline, {
      workflowId: newId(),
      taskQueue: config.taskQueue,
      args: [{ topic: newTopic(), forest: { trees: 2 }, stream }],
    });
  const [whole, cut] = [await run({}), await run({ microBatchBytes: 5_000 })];

  expect(cut.batches).toBeGreaterThan(2 * whole.batches);
  expect(cut.predictionsSha256).toBe(whole.predictionsSha256);
});

function* predictionsOf(run: string, batch: number): Generator<OutgoingRecord> {
  const recordOf = createPredictionRecords({ run, topic: 'source', modelVersion: 'test' });
  for (let rowId = batch * BATCH_ROWS; rowId < (batch + 1) * BATCH_ROWS; rowId += 1) {
    const key = new TextEncoder().encode(`row-${rowId}`);
    yield recordOf(key, { rowId, prediction: 6, actual: 5, partition: 0, offset: rowId });
  }
}

/** @returns by how many bytes memory has grown at most since then */
function watchMemory(): () => number {
  const before = process.memoryUsage().rss;
  let peak = before;
  const timer = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage().rss);
  }, 20);
  onTestFinished(() => {
    clearInterval(timer);
  });
  return () => peak - before;
}

import { access, copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  defaultPayloadConverter,
  defineSearchAttributeKey,
  SearchAttributeType,
  TypedSearchAttributes,
} from '@temporalio/common';
import { describe, expect } from 'vitest';
import { predictionsTopic, PROGRESS_QUERY, streamSignal, workflowType } from '../../../src/domain/names.ts';
import type { PipelineInputJson } from '../../../src/domain/run/pipeline-input.ts';
import type { PipelineProgress } from '../../../src/domain/run/progress.ts';
import { callsOf, COMMON_STEPS, STEPS } from '../../../src/domain/run/steps.ts';
import type { PipelineResult } from '../../../src/domain/run/step-results.ts';
import { packageVersion } from '../../../src/worker/package-version.ts';
import { test, type TestEnvironment } from '../../support/environment.ts';
import { pollUntil } from '../../support/poll-until.ts';
import { readTopic } from '../../support/log/read-topic.ts';
import { directoryOf } from '../../support/store/directory-of.ts';

const MAX_PAYLOAD_BYTES = 16_000;
const IMDB_FILE = new URL('../../../../shared/data/movie_metadata.csv', import.meta.url);
const hasImdbFile = await access(IMDB_FILE).then(
  () => true,
  () => false,
);

async function runPipeline(
  { client, config, newId }: TestEnvironment,
  input: PipelineInputJson,
): Promise<PipelineResult & { workflowId: string }> {
  const workflowId = newId();
  const result = (await client.workflow.execute(workflowType.ratingPipeline, {
    workflowId,
    taskQueue: config.taskQueue,
    args: [input],
  })) as PipelineResult;
  return { ...result, workflowId };
}

async function historyOf({ client }: TestEnvironment, workflowId: string) {
  return (await client.workflow.getHandle(workflowId).fetchHistory()).events ?? [];
}

describe('a run on real films', () => {
  test('reads back what it published and predicts every stream row once', async ({
    environment,
    worker: _worker,
  }) => {
    const topic = environment.newTopic();
    const { rows, published, consumed, predicted, deadLettered, run } = await runPipeline(environment, {
      topic,
      forest: { trees: 2 },
    });

    expect(rows.loaded).toBe(rows.dropped + rows.train + rows.batch + rows.stream);
    expect(rows.kept).toBeGreaterThan(2_000);
    expect(published).toEqual({ batch: rows.batch, stream: rows.stream });
    expect(consumed).toEqual(published);
    expect(predicted).toBe(rows.stream);
    expect(deadLettered).toBe(0);

    const sent = await readTopic(environment.kafka, topic);
    const predictions = await readTopic(environment.kafka, predictionsTopic(topic));
    const streamKeys = sent.map(({ key }) => String(key)).filter((key) => key.startsWith(`${run}/stream/`));
    expect(sent).toHaveLength(rows.batch + rows.stream);
    expect(predictions.map(({ key }) => String(key)).sort()).toEqual(streamKeys.sort());
  });

  test('the same input gives the same splits, the same model and the same predictions', async ({
    environment,
    worker: _worker,
  }) => {
    const input = { topic: environment.newTopic(), forest: { trees: 2 } };
    const first = await runPipeline(environment, input);
    const second = await runPipeline(environment, { ...input, stream: { microBatchRows: 37, inFlight: 2 } });

    expect(second.splitSha256).toBe(first.splitSha256);
    expect(second.model.version).toBe(first.model.version);
    expect(second.predictionsSha256).toBe(first.predictionsSha256);
    expect(second.metrics).toEqual(first.metrics);
    expect(second.batches).toBeGreaterThan(first.batches);
  });

  test('runs that share a topic at the same time do not see each other’s records', async ({
    environment,
    worker: _worker,
  }) => {
    const topic = environment.newTopic();
    const runs = await Promise.all(
      [1, 2, 3].map((seed) => runPipeline(environment, { topic, split: { seed }, forest: { trees: 1 } })),
    );

    const predictions = await readTopic(environment.kafka, predictionsTopic(topic));
    expect(predictions).toHaveLength(runs.reduce((sum, { rows }) => sum + rows.stream, 0));
  });

  test('starts from the UI’s empty form, which sends no payload at all', async ({
    environment: { client, config, newId },
    worker: _worker,
  }) => {
    const result = (await client.workflow.execute(workflowType.ratingPipeline, {
      workflowId: newId(),
      taskQueue: config.taskQueue,
    })) as PipelineResult;

    expect(result.dataset.source.path).toBe('movies.csv');
    expect(result.predicted).toBe(result.rows.stream);
  });

  test('shows numbers in every summary and keeps its payloads small', async ({
    environment,
    worker: _worker,
  }) => {
    const { workflowId, batches } = await runPipeline(environment, {
      topic: environment.newTopic(),
      forest: { trees: 1 },
    });
    const children = [`${workflowId}/stream`, `${workflowId}/stream/batch-000000`];
    const histories = await Promise.all([workflowId, ...children].map((id) => historyOf(environment, id)));
    const events = histories.flat();
    const started = events.filter(
      (event) =>
        event.activityTaskScheduledEventAttributes ??
        event.startChildWorkflowExecutionInitiatedEventAttributes,
    );
    const summaries = started.map((event) => {
      const summary = event.userMetadata?.summary;
      return summary ? defaultPayloadConverter.fromPayload<string>(summary) : '';
    });

    // In the run, every call but those of a sharded training; one activity and `batches` children in the stream;
    // three activities in a micro-batch.
    const ofRun = COMMON_STEPS.flatMap((step) => callsOf(STEPS[step])).filter(
      (call) => call !== 'growTrees' && call !== 'assembleForest',
    );
    expect(summaries).toHaveLength(ofRun.length + 1 + batches + 3);
    expect(summaries.filter((summary) => !/\d/.test(summary))).toEqual([]);
    const sizes = events.flatMap((event) => payloadSizes(event));
    expect(sizes.length).toBeGreaterThan(20);
    expect(Math.max(...sizes)).toBeLessThan(MAX_PAYLOAD_BYTES);
  });

  test('is found by state, data, model, error and rows; its memo names the code version', async ({
    environment,
    worker: _worker,
  }) => {
    const { client, newTopic } = environment;
    const { workflowId, dataset, model, metrics, predicted } = await runPipeline(environment, {
      topic: newTopic(),
      forest: { trees: 1 },
    });

    const query = [
      `WorkflowId = "${workflowId}"`,
      'PipelineState = "Completed"',
      'PipelineStep = "report"',
      `DatasetSha = "${dataset.source.sha256}"`,
      `ModelVersion = "${model.version}"`,
      `Rmse > ${metrics.batch.rmse - 0.001} AND Rmse < ${metrics.batch.rmse + 0.001}`,
      `RowsScored = ${predicted}`,
    ].join(' AND ');
    await pollUntil(
      'the server to list the run',
      async () => (await client.workflow.count(query)).count === 1,
    );
    const { memo } = await client.workflow.getHandle(workflowId).describe();
    expect(memo).toMatchObject({ version: packageVersion(), commit: expect.any(String) as unknown });
  });

  test('holds its first step when it is started with a pause, and is found as paused', async ({
    environment: { client, config, newId, newTopic },
    worker: _worker,
  }) => {
    const workflowId = newId();
    const run = await client.workflow.signalWithStart(workflowType.ratingPipeline, {
      workflowId,
      taskQueue: config.taskQueue,
      args: [{ topic: newTopic(), forest: { trees: 1 } }],
      signal: streamSignal.pause,
    });

    const query = `WorkflowId = "${workflowId}" AND PipelineState = "Paused"`;
    await pollUntil(
      'the server to list the run as paused',
      async () => (await client.workflow.count(query)).count === 1,
    );
    const { steps } = await run.query<PipelineProgress>(PROGRESS_QUERY);
    expect(new Set(steps.map(({ state }) => state))).toEqual(new Set(['pending']));
    await run.signal(streamSignal.resume);
    expect(await run.result()).toMatchObject({ deadLettered: 0 });
  });

  test('that fails at once is found as failed, without attributes copied by the UI', async ({
    environment: { client, config, newId },
    worker: _worker,
  }) => {
    const workflowId = newId();
    const copied = [
      { key: defineSearchAttributeKey('PipelineState', SearchAttributeType.KEYWORD), value: 'Completed' },
      { key: defineSearchAttributeKey('ModelVersion', SearchAttributeType.KEYWORD), value: 'of another run' },
    ];
    const run = client.workflow.execute(workflowType.ratingPipeline, {
      workflowId,
      taskQueue: config.taskQueue,
      args: [{ forest: { trees: 0 } }],
      typedSearchAttributes: new TypedSearchAttributes(copied),
    });
    await expect(run).rejects.toThrow();

    const { typedSearchAttributes } = await client.workflow.getHandle(workflowId).describe();
    const left = typedSearchAttributes.getAll().map(({ key, value }) => [key.name, value]);
    expect(left.filter(([name]) => name === 'PipelineState' || name === 'ModelVersion')).toEqual([
      ['PipelineState', 'Failed'],
    ]);
  });

  test.skipIf(!hasImdbFile)(
    'keeps 3,801 rows and 15 features of the IMDb file, with R² above 0.45',
    async ({ environment, worker: _worker }) => {
      await copyFile(IMDB_FILE, join(directoryOf(environment.config.data), 'movie_metadata.csv'));
      const topic = environment.newTopic();
      const { rows, published, consumed, model, metrics } = await runPipeline(environment, {
        dataset: { path: 'movie_metadata.csv' },
        topic,
        forest: { trees: 20 },
      });

      expect(rows).toMatchObject({ loaded: 5_043, kept: 3_801 });
      expect(model.features).toHaveLength(15);
      expect(consumed).toEqual(published);
      expect(metrics.batch.r2).toBeGreaterThan(0.45);
      expect(await readTopic(environment.kafka, predictionsTopic(topic))).toHaveLength(rows.stream);
    },
  );
});

/** Sizes of all payloads in an event, whatever its type. */
function payloadSizes(value: unknown): number[] {
  if (typeof value !== 'object' || value === null) return [];
  if ('data' in value && value.data instanceof Uint8Array) return [value.data.length];
  return Object.values(value).flatMap(payloadSizes);
}

import { randomUUID } from 'node:crypto';
import { describe, expect } from 'vitest';
import { createModelCache } from '../../../src/activities/training/model-cache.ts';
import type { RunTracker } from '../../../src/activities/tracking/run-tracker.ts';
import { createMlflowTracker } from '../../../src/adapters/mlflow/tracker.ts';
import { onnxExport } from '../../../src/adapters/onnx/exporter.ts';
import { openArtifacts } from '../../../src/adapters/stores.ts';
import {
  championAlias,
  PROGRESS_QUERY,
  registryUpdate,
  registryWorkflowId,
  workflowType,
} from '../../../src/domain/names.ts';
import type { PipelineProgress } from '../../../src/domain/run/progress.ts';
import type { PipelineInputJson } from '../../../src/domain/run/pipeline-input.ts';
import type { PipelineResult } from '../../../src/domain/run/step-results.ts';
import { createHistogramEngine } from '../../../src/forest/histogram-engine.ts';
import { test as base, type TestEnvironment } from '../../support/environment.ts';
import { startLossyProxy } from '../../support/mlflow/lossy-proxy.ts';
import { openMlflowApi } from '../../support/mlflow/mlflow-api.ts';
import { HAS_MLFLOW, startMlflow } from '../../support/mlflow/mlflow-server.ts';
import { pollUntil } from '../../support/poll-until.ts';
import { resetTo } from '../../support/reset.ts';
import { awayAddress, detailsOf, prepareWorker, statesOf } from '../../support/trouble/trouble.ts';
import { openPool } from '../../support/unit/forest-pool.ts';
import { modelBytes } from '../../support/unit/model-file.ts';

const test = base.extend('mlflow', { scope: 'file' }, async ({}, { onCleanup }) => {
  const server = await startMlflow();
  onCleanup(server.stop);
  return { ...server, ...openMlflowApi(server.url) };
});

/** Each has a model of its own in the registry, and in MLflow. */
function inputOf({ newTopic }: TestEnvironment, model: string, seed: number): PipelineInputJson {
  return {
    topic: newTopic(),
    forest: { trees: 5, maxDepth: 6, seed },
    promotion: { model, maxRmseIncrease: 1 },
  };
}

describe.skipIf(!HAS_MLFLOW)('MLflow', () => {
  test('has everything once when the answer to each request is lost once', async ({ mlflow }) => {
    const proxy = await startLossyProxy(mlflow.url);
    const name = `lost-${randomUUID().slice(0, 8)}`;
    const tracker = createMlflowTracker({ url: proxy.url, experiment: name, authorization: undefined });
    let failures = 0;

    for (;;) {
      try {
        await logAll(tracker, name);
        break;
      } catch {
        failures += 1;
      }
    }

    // Those that look for an experiment, run, model or version, and those that make and fill them.
    expect(proxy.lost.size).toBeGreaterThan(20);
    // A slow server may add timeouts.
    expect(failures).toBeGreaterThanOrEqual(proxy.lost.size);
    const [run, ...otherRuns] = await mlflow.runs(name);
    expect(otherRuns).toEqual([]);
    expect(run?.outputs?.model_outputs).toHaveLength(1);
    expect(run?.inputs?.dataset_inputs).toHaveLength(1);
    expect(run?.info.status).toBe('FINISHED');
    expect(await mlflow.loggedModels(name)).toHaveLength(1);
    expect(await mlflow.versions(name)).toHaveLength(1);
    expect(await mlflow.champion(name)).toMatchObject({ version: '1', description: 'promoted' });
  });

  test('shows a run, its model follows the champion, and pyfunc predicts as we do', async ({
    environment,
    mlflow,
  }) => {
    const { client } = environment;
    const { start, taskQueue, config } = await prepareWorker(environment, {
      MLFLOW_TRACKING_URI: mlflow.url,
      MLFLOW_EXPERIMENT_NAME: 'nightly',
    });
    await start();
    const model = `m-${randomUUID().slice(0, 8)}`;
    const startRun = (seed: number) =>
      client.workflow.start(workflowType.ratingPipeline, {
        workflowId: environment.newId(),
        taskQueue,
        args: [inputOf(environment, model, seed)],
      });
    const first = await startRun(1);
    const firstResult = (await first.result()) as PipelineResult;
    const second = await startRun(2);
    const secondResult = (await second.result()) as PipelineResult;

    const logged = firstResult.mlflow;
    if (!logged || 'failure' in logged) throw new Error(`not logged: ${logged?.failure}`);
    const runs = await mlflow.runs('nightly');
    const run = runs.find(({ info }) => info.run_id === logged.runId);
    expect(runs).toHaveLength(2);
    expect(run?.data.params).toContainEqual({ key: 'forest.maxDepth', value: '6' });
    expect(run?.data.metrics).toContainEqual(
      expect.objectContaining({ key: 'batch_rmse', value: firstResult.metrics.batch.rmse }),
    );
    expect(run?.data.tags).toContainEqual({ key: 'temporal.workflow_id', value: first.workflowId });
    expect(run?.inputs?.dataset_inputs?.[0]?.dataset).toMatchObject({
      name: firstResult.dataset.source.path,
      digest: firstResult.dataset.source.sha256.slice(0, 32),
      schema: expect.stringContaining('imdb_score') as unknown,
    });
    expect(await mlflow.files(logged.runId)).toEqual(['model-card.md', 'report.html', 'report.json']);
    expect(await detailsOf(first)).toContain(`[MLflow](${logged.url})`);
    const { artifacts } = await openArtifacts(config);
    expect(new TextDecoder().decode(await artifacts.read(firstResult.page))).toContain(logged.url);

    const championBecomes = (version: string) =>
      pollUntil(`version ${version} to be the champion in MLflow`, async () => {
        const champion = await mlflow.champion(model);
        return champion?.version === version && champion;
      });
    const promoted = await championBecomes('2');
    expect(promoted.description).toMatch(/UTC, promoted: RMSE .* 95 % interval .*/);
    await client.workflow
      .getHandle(registryWorkflowId(taskQueue, model))
      .executeUpdate(registryUpdate.rollback, { args: [{ reason: 'too optimistic' }] });
    const back = await championBecomes('1');
    expect(back.description).toMatch(/promoted: the first model[^]*rolled back: too optimistic/);

    const features = firstResult.model.features;
    const rows = [1, 100, 10_000, 1e6].map((size) => features.map((_, i) => size * (i + 0.5)));
    const pool = openPool(1);
    const { predictor } = await createModelCache(artifacts, [createHistogramEngine(pool)])(firstResult.model);
    const ours = await predictor.predict(
      features.map((_, f) => Float64Array.from(rows, (row) => row[f] ?? 0)),
    );
    await pool.close();
    const theirs = await mlflow.python(PREDICT, championAlias(model), JSON.stringify({ features, rows }));
    expect(theirs).toEqual(Array.from(ours, Math.fround));

    const progress = await second.query<PipelineProgress>(PROGRESS_QUERY);
    const eventId = progress.steps.find(({ step }) => step === 'log to mlflow')?.resetEventId ?? 0;
    const again = client.workflow.getHandle(second.workflowId, await resetTo(client, second, eventId));
    const { mlflow: loggedAgain } = (await again.result()) as PipelineResult;
    expect(loggedAgain).toEqual(secondResult.mlflow);
    expect(await mlflow.runs('nightly')).toHaveLength(2);
    expect(await mlflow.versions(model)).toHaveLength(2);
    await championBecomes('1');
  });

  test('that is away lets a run wait, say so, and complete when it is back', async ({
    environment,
    mlflow,
  }) => {
    const { address, open } = await awayAddress(new URL(mlflow.url).host);
    const { start, taskQueue, notified } = await prepareWorker(environment, {
      MLFLOW_TRACKING_URI: `http://${address}`,
      MLFLOW_EXPERIMENT_NAME: 'away',
    });
    await start();
    const model = `m-${randomUUID().slice(0, 8)}`;
    const run = await environment.client.workflow.start(workflowType.ratingPipeline, {
      workflowId: environment.newId(),
      taskQueue,
      args: [inputOf(environment, model, 1)],
    });
    const attention = await pollUntil('the run to need attention', async () => {
      const progress = await run.query<PipelineProgress>(PROGRESS_QUERY).catch(() => undefined);
      return progress?.steps.some(({ step, state }) => step === 'report' && state === 'done')
        ? progress.attention
        : undefined;
    });
    expect(attention).toMatch(/^log to mlflow \(logToMlflow\) .*MlflowError: MLflow does not answer/);
    await open();
    const { mlflow: logged } = (await run.result()) as PipelineResult;

    expect(logged).toMatchObject({ version: '1' });
    expect(await statesOf(run)).toContain('NeedsAttention');
    expect(await notified('run.needs-attention')).toHaveLength(1);
    expect(await mlflow.runs('away')).toHaveLength(1);
  });
});

/** One line of JSON: the predictions for rows of features in another order than the model's. */
const PREDICT = `
import json, sys
import mlflow, pandas
model = mlflow.pyfunc.load_model("models:/" + sys.argv[1])
given = json.loads(sys.argv[2])
frame = pandas.DataFrame(given["rows"], columns=given["features"], dtype="float64")
predicted = model.predict(frame[list(reversed(given["features"]))])
print(json.dumps([float(value) for value in predicted["prediction"]]))
`;

const RUN = {
  run: `nightly's "run"/${randomUUID()}`,
  url: 'http://localhost:8233',
  startedAt: '2026-11-30T02:00:00.000Z',
};

async function logAll(tracker: RunTracker, name: string): Promise<void> {
  const { signal } = new AbortController();
  const record = await tracker.open(RUN, signal);
  const facts = {
    params: { 'forest.trees': '2' },
    metrics: { batch_rmse: 0.7 },
    tags: { 'imdb.version': '1.0.0' },
    dataset: { name: 'a.csv', path: 'a.csv', sha256: 'd'.repeat(64), columns: ['budget'], rows: 2 },
    files: [{ name: 'report.html', bytes: new TextEncoder().encode('<p>') }],
  };
  await tracker.log(record, facts, signal);
  const version = 'abcdef012345';
  const onnx = await onnxExport.toOnnx(modelBytes(), version, 'a.model');
  const features = ['budget', 'duration'];
  const model = { name, version, onnx, features, example: [[1, 2]], createdAt: RUN.startedAt };
  await tracker.register(record, model, signal);
  const models = [{ run: RUN.run, decisions: ['promoted'] }];
  await tracker.follow({ name, champion: RUN.run, models }, signal);
}

import { expect, onTestFinished } from 'vitest';
import { createLogger } from '../../../src/adapters/logger.ts';
import { loadConfig } from '../../../src/config.ts';
import { predictionsTopic, workflowType } from '../../../src/domain/names.ts';
import { imdb } from '../../support/command/imdb-command.ts';
import { test, type TestEnvironment } from '../../support/environment.ts';
import { readTopic } from '../../support/log/read-topic.ts';
import { startOtlpReceiver } from '../../support/otlp-receiver.ts';
import { pollUntil } from '../../support/poll-until.ts';
import { startWorker } from '../../support/worker/start-worker.ts';

/** A worker that sends traces, and who receives them. */
async function startTraced({ env }: TestEnvironment) {
  const receiver = await startOtlpReceiver();
  onTestFinished(() => receiver.close());
  const traced = {
    ...env,
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    OTEL_EXPORTER_OTLP_HEADERS: 'x-key=s3cret%3D',
  };
  const worker = await startWorker(loadConfig(traced), createLogger({ level: 'error' }));
  onTestFinished(() => worker.shutdown());
  const until = (name: string) =>
    pollUntil(`the span ${name}`, async () => receiver.spans.find((span) => span.name === name));
  return { receiver, traced, until };
}

async function traceparentsIn({ kafka }: TestEnvironment, topic: string): Promise<string[]> {
  const records = await readTopic(kafka, topic);
  return records.map(({ headers }) => String(headers?.['traceparent']));
}

test('a run is one trace: command, workflows, activities, and the records of Kafka', async ({
  environment,
}) => {
  const { receiver, traced, until } = await startTraced(environment);
  const topic = environment.newTopic();

  const ended = await imdb(['run', '--wait', '--set', `topic=${topic}`, '--set', 'forest.trees=3'], traced);

  expect(ended).toMatchObject({ exitCode: 0 });
  const started = await until(`StartWorkflow:${workflowType.ratingPipeline}`);
  const run = await until(`RunWorkflow:${workflowType.ratingPipeline}`);
  const stream = await until(`RunWorkflow:${workflowType.scoreStream}`);
  const batch = await until(`RunWorkflow:${workflowType.scoreMicroBatch}`);
  const published = await pollUntil('both publications', async () => {
    const found = receiver.spans.filter(({ name }) => name === 'RunActivity:publishSplit');
    return found.length === 2 && found.map(({ spanId }) => spanId);
  });
  const consumed = await until('RunActivity:consumeMicroBatch');
  const predicted = await until('RunActivity:publishPredictions');
  expect(new Set(receiver.spans.map(({ traceId }) => traceId))).toEqual(new Set([started.traceId]));
  expect(run.parentSpanId).toBe(started.spanId);
  expect(stream.parentSpanId).toBe(run.spanId);
  expect(batch.parentSpanId).toBe(stream.spanId);
  const batches = receiver.spans.filter(({ name }) => name === batch.name).map(({ spanId }) => spanId);
  expect(batches).toContain(predicted.parentSpanId);
  // The topic has both splits; a micro-batch may read a few records of the other one.
  expect(consumed.links.filter((link) => !published.includes(link))).toEqual([]);
  expect(consumed.links.length).toBeGreaterThan(0);
  const traceparents = await traceparentsIn(environment, predictionsTopic(topic));
  expect(traceparents).toContain(`00-${predicted.traceId}-${predicted.spanId}-01`);
  expect(traceparents).not.toContain('undefined');
  expect(receiver.headers[0]).toMatchObject({ 'x-key': 's3cret=', url: '/v1/traces' });
});

test('a run that nobody traces is traced by its worker, its failure included', async ({ environment }) => {
  const { client, config, newId, newTopic } = environment;
  const { receiver, until } = await startTraced(environment);
  const handle = await client.workflow.start(workflowType.ratingPipeline, {
    workflowId: newId(),
    taskQueue: config.taskQueue,
    args: [{ topic: newTopic(), dataset: { path: 'missing.csv' } }],
  });
  await expect(handle.result()).rejects.toThrow();

  const run = await until(`RunWorkflow:${workflowType.ratingPipeline}`);
  const load = await until('RunActivity:loadDataset');
  expect(run).toMatchObject({
    traceId: handle.firstExecutionRunId.replaceAll('-', ''),
    parentSpanId: '',
    failure: expect.any(String) as string,
  });
  expect(load).toMatchObject({
    traceId: run.traceId,
    parentSpanId: run.spanId,
    failure: expect.stringContaining('missing.csv') as string,
  });
  expect(receiver.spans.filter(({ name }) => name === load.name)).toHaveLength(1);
});

test('without a collector, records have no trace', async ({ environment }) => {
  const { client, config, newId, newTopic } = environment;
  const worker = await startWorker(config, createLogger({ level: 'error' }));
  onTestFinished(() => worker.shutdown());
  const topic = newTopic();
  await client.workflow.execute(workflowType.ratingPipeline, {
    workflowId: newId(),
    taskQueue: config.taskQueue,
    args: [{ topic, forest: { trees: 3 } }],
  });

  for (const name of [topic, predictionsTopic(topic)]) {
    expect(new Set(await traceparentsIn(environment, name))).toEqual(new Set(['undefined']));
  }
});

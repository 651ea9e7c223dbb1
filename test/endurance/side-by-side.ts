import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { writeLargeDataset } from '../../scripts/write-large-dataset.ts';
import { workflowType } from '../../src/domain/names.ts';
import type { ContinuousResult, PipelineResult } from '../../src/domain/run/step-results.ts';
import { createTopics } from '../support/log/create-topics.ts';
import { equal, type Finding } from './finding.ts';
import type { EnduranceEnvironment } from './environment.ts';
import { trainModel } from './model.ts';

const STREAMS = 10;
const PARTITIONS = 2;
/** Per stream and second. */
const RECORDS = 100;
/** Their forest keeps all cores busy for half a minute. */
const ROWS = 250_000;

/** Ten streams and a run with a large training on one worker: each attempt of an activity keeps its heartbeats. */
export async function sideBySide(environment: EnduranceEnvironment): Promise<Finding[]> {
  const { client, kafka, taskQueue, dataDir, startWorker, log } = environment;
  const worker = await startWorker();
  const model = await trainModel(environment, 'side-by-side-model');
  await writeLargeDataset(join(dataDir, 'large.csv'), { rows: ROWS, seed: 1 });
  const topics = Array.from({ length: STREAMS }, (_, i) => `side-by-side-${i}`);
  const admin = kafka.admin();
  await admin.connect();
  await createTopics(admin, topics, PARTITIONS);
  await admin.disconnect();
  const streams = await Promise.all(
    topics.map((topic) =>
      client.workflow.start(workflowType.scoreStream, {
        workflowId: topic,
        taskQueue,
        args: [{ topic, model, start: 'earliest', trigger: { intervalSeconds: 1 } }],
      }),
    ),
  );
  const run = await client.workflow.start(workflowType.ratingPipeline, {
    workflowId: 'side-by-side-run',
    taskQueue,
    args: [{ topic: 'side-by-side-run', dataset: { path: 'large.csv' }, forest: { trees: 300 } }],
  });
  const ended = new AbortController();
  const result = (run.result() as Promise<PipelineResult>).finally(() => {
    ended.abort();
  });
  result.catch(() => undefined);

  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 });
  await producer.connect();
  let sent = 0;
  while (!ended.signal.aborted) {
    const messages = Array.from({ length: RECORDS }, (_, i) => ({ value: JSON.stringify({ budget: i }) }));
    await producer.sendBatch({ topicMessages: topics.map((topic) => ({ topic, messages })) });
    sent += RECORDS * STREAMS;
    await setTimeout(1_000);
  }
  await producer.disconnect();
  const { predicted, rows } = await result;
  log(`the run has ended; ${sent} records sent to ${STREAMS} streams`);
  // So that their last poll sees the last records.
  await setTimeout(5_000);
  const scored = await Promise.all(
    streams.map(async (stream) => {
      await stream.signal('stop');
      return ((await stream.result()) as ContinuousResult).predicted;
    }),
  );
  const repeated = await findRepeated(client, 'side-by-side');
  for (const line of repeated) log(line);
  await worker.kill();
  return [
    equal(
      `records of ${STREAMS} streams predicted beside a training`,
      scored.reduce((sum, count) => sum + count, 0),
      sent,
    ),
    equal('rows predicted by the run beside them', predicted, rows.stream),
    equal('attempts of activities that were repeated', repeated.length, 0),
  ];
}

/** Of workflows whose ids begin so, and of their children: what the attempt before each one failed with. */
async function findRepeated({ workflow }: Client, prefix: string): Promise<string[]> {
  const repeated: string[] = [];
  for await (const { workflowId, runId } of workflow.list({ query: `WorkflowId STARTS_WITH "${prefix}"` })) {
    const { events } = await workflow.getHandle(workflowId, runId).fetchHistory();
    for (const { activityTaskStartedEventAttributes: started } of events ?? [])
      if ((started?.attempt ?? 1) > 1) repeated.push(`${workflowId}: ${describe(started?.lastFailure)}`);
  }
  return repeated;
}

interface Failure {
  readonly message?: string | null;
  readonly cause?: Failure | null;
}

function describe(failure: Failure | null | undefined): string {
  const cause = failure?.cause ? `: ${describe(failure.cause)}` : '';
  return `${failure?.message ?? 'no failure'}${cause}`;
}

import type { Client } from '@temporalio/client';
import type { Kafka } from 'kafkajs';
import { deadLettersTopic, predictionsTopic, workflowType } from '../../src/domain/names.ts';
import type { PipelineInputJson } from '../../src/domain/pipeline-input.ts';
import type { PipelineResult } from '../../src/domain/step-results.ts';
import { pollUntil } from '../support/poll-until.ts';
import { judge, predictionsSha256, type Verdict } from './oracle.ts';
import { readPipelineRecords, type PipelineRecords } from './pipeline-evidence.ts';

/** What decides a run's input, besides the films. */
export interface PipelineVariant {
  readonly partitions: number;
  readonly shards: number | undefined;
}

/** A run without faults: what every run of this variant must leave behind. */
export interface Baseline {
  readonly records: PipelineRecords;
  readonly sha256: string;
}

export function pipelineInput(topic: string, { shards }: PipelineVariant): PipelineInputJson {
  return {
    topic,
    forest: { trees: 3, ...(shards !== undefined && { shards }) },
    stream: { microBatchRows: 20, inFlight: 4 },
  };
}

/** Before the run, which would take the broker's default of partitions. */
export async function createTopics(kafka: Kafka, topic: string, partitions: number): Promise<void> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    const topics = [topic, predictionsTopic(topic), deadLettersTopic(topic)];
    await admin.createTopics({
      topics: topics.map((name) => ({ topic: name, numPartitions: partitions })),
      waitForLeaders: false,
    });
    // A broker takes a moment to know what it has just created; waiting inside of kafkajs gives up on that answer.
    await pollUntil(`the topics of ${topic} to be there`, async () => {
      const { topics: found } = await admin.fetchTopicMetadata({ topics }).catch(() => ({ topics: [] }));
      return found.length === topics.length && found.every((one) => one.partitions.length === partitions);
    });
  } finally {
    await admin.disconnect();
  }
}

/** @param run with a worker that nothing happens to */
export async function readBaseline(
  {
    client,
    kafka,
    taskQueue,
  }: { readonly client: Client; readonly kafka: Kafka; readonly taskQueue: string },
  run: { readonly workflowId: string; readonly topic: string; readonly variant: PipelineVariant },
): Promise<Baseline> {
  const { workflowId, topic, variant } = run;
  await createTopics(kafka, topic, variant.partitions);
  const result = (await client.workflow.execute(workflowType.ratingPipeline, {
    workflowId,
    taskQueue,
    args: [pipelineInput(topic, variant)],
  })) as PipelineResult;
  const records = await readPipelineRecords(kafka, topic, result.run);
  const sha256 = predictionsSha256(records.predictions);
  if (sha256 !== result.predictionsSha256 || records.predictions.length !== result.rows.stream) {
    throw new Error(`${workflowId}: the run without faults is not what a consumer reads`);
  }
  return { records, sha256 };
}

/** A finished run against the one without faults. */
export function judgeRun(records: PipelineRecords, result: PipelineResult, baseline: Baseline): Verdict {
  const verdict = judge({
    inputs: records.inputs,
    expectedInputs: baseline.records.inputs,
    expected: baseline.records.predictions.map(({ id }) => id),
    predictions: records.predictions,
    deadLetters: records.deadLetters,
    expectedSha256: baseline.sha256,
  });
  return { ...verdict, isHashEqual: verdict.isHashEqual && result.predictionsSha256 === baseline.sha256 };
}

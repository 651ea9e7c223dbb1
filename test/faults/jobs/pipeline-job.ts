import type { Client } from '@temporalio/client';
import type { Kafka } from 'kafkajs';
import { workflowType } from '../../../src/domain/names.ts';
import type { PipelineInputJson } from '../../../src/domain/run/pipeline-input.ts';
import type { PipelineResult } from '../../../src/domain/run/step-results.ts';
import type { RoundPlan } from '../faults/fault.ts';
import { judge, predictionsSha256, type Verdict } from '../report/oracle.ts';
import type { RoundEnvironment, Environment } from '../environment/environment.ts';
import { createRunTopics } from '../environment/topics.ts';
import type { Job } from './job.ts';
import { readPipelineRecords, type PipelineRecords } from './pipeline-evidence.ts';

/** A run without faults: every run of its variant must leave the same records. */
export interface PipelineBaseline {
  readonly result: PipelineResult;
  readonly records: PipelineRecords;
  readonly sha256: string;
}

type Variant = Pick<RoundPlan, 'partitions' | 'shards'>;

/** A run of the pipeline. With the fault `same-id-twice`, a second run with the same id follows it. */
export function createPipelineJob(
  { client, kafka }: Environment,
  round: RoundEnvironment,
  plan: RoundPlan,
  baseline: PipelineBaseline,
): Job {
  const isTwice = plan.faults.some(({ kind }) => kind === 'same-id-twice');
  const start = async (): Promise<void> => {
    await startPipeline(client, round, plan);
  };
  return {
    prepare: () => createRunTopics(kafka, round.topic, plan.partitions),
    start,
    async conclude(watch) {
      const results = [(await watch.completed()) as PipelineResult];
      if (isTwice) {
        await start();
        results.push((await watch.completed()) as PipelineResult);
      }
      return judgeAll(kafka, round.topic, results, baseline);
    },
  };
}

export async function readPipelineBaseline(
  { client, kafka }: Pick<Environment, 'client' | 'kafka'>,
  round: Pick<RoundEnvironment, 'workflowId' | 'taskQueue' | 'topic'>,
  variant: Variant,
): Promise<PipelineBaseline> {
  await createRunTopics(kafka, round.topic, variant.partitions);
  const handle = await startPipeline(client, round, variant);
  const result = (await handle.result()) as PipelineResult;
  const records = await readPipelineRecords(kafka, round.topic, result.run);
  const sha256 = predictionsSha256(records.predictions);
  if (sha256 !== result.predictionsSha256 || records.predictions.length !== result.rows.stream) {
    throw new Error(
      `${round.workflowId}: the result of the run without faults differs from what a consumer reads`,
    );
  }
  return { result, records, sha256 };
}

/** A run from its start to its verdict, without faults of its own. */
export async function runPipeline(
  { client, kafka }: Pick<Environment, 'client' | 'kafka'>,
  round: Pick<RoundEnvironment, 'workflowId' | 'taskQueue' | 'topic'>,
  variant: Variant,
  baseline: PipelineBaseline,
): Promise<Verdict> {
  await createRunTopics(kafka, round.topic, variant.partitions);
  const handle = await startPipeline(client, round, variant);
  const result = (await handle.result()) as PipelineResult;
  return judgeRun(await readPipelineRecords(kafka, round.topic, result.run), result, baseline);
}

async function startPipeline(
  client: Client,
  { workflowId, taskQueue, topic }: Pick<RoundEnvironment, 'workflowId' | 'taskQueue' | 'topic'>,
  { shards }: Variant,
) {
  const input: PipelineInputJson = {
    topic,
    forest: { trees: 3, ...(shards !== undefined && { shards }) },
    stream: { microBatchRows: 20, inFlight: 4 },
  };
  return client.workflow.start(workflowType.ratingPipeline, { workflowId, taskQueue, args: [input] });
}

async function judgeAll(
  kafka: Kafka,
  topic: string,
  results: readonly PipelineResult[],
  baseline: PipelineBaseline,
): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  let own = 0;
  let total = 0;
  for (const result of results) {
    const records = await readPipelineRecords(kafka, topic, result.run);
    own += records.inputs.length + records.predictions.length + records.deadLetters.length;
    ({ total } = records);
    verdicts.push(judgeRun(records, result, baseline));
  }
  if (own === total) return verdicts;
  throw new Error(`${total} records in the topics, ${own} of them of the ${results.length} runs`);
}

function judgeRun(records: PipelineRecords, result: PipelineResult, baseline: PipelineBaseline): Verdict {
  const verdict = judge({
    ...records,
    expectedInputs: baseline.records.inputs,
    expected: baseline.records.predictions.map(({ id }) => id),
    expectedSha256: baseline.sha256,
  });
  return { ...verdict, isHashEqual: verdict.isHashEqual && result.predictionsSha256 === baseline.sha256 };
}

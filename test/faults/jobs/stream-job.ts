import { cp, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ApplicationFailure, type WorkflowFailedError } from '@temporalio/client';
import { workflowType } from '../../../src/domain/names.ts';
import type { ContinuousInputJson } from '../../../src/domain/stream/stream-input.ts';
import type { RoundPlan } from '../faults/fault.ts';
import { judge, predictionsSha256, type Verdict } from '../report/oracle.ts';
import type { RoundEnvironment, Environment } from '../environment/environment.ts';
import { createRunTopics } from '../environment/topics.ts';
import { createForeignProducer, type ForeignProducer } from './foreign-producer.ts';
import type { Job } from './job.ts';
import type { RunWatch } from './run-watch.ts';
import type { PipelineBaseline } from './pipeline-job.ts';
import { readStreamRecords } from './stream-evidence.ts';

/** A model that a run has made, and where its files are. */
export interface TrainedModel {
  readonly model: PipelineBaseline['result']['model'];
  readonly artifactDir: string;
}

/** The sha256 of a stream without faults over the same records. */
export interface StreamBaseline extends TrainedModel {
  readonly sha256: string;
}

/** A stream over another producer's records. A continuous one runs while they are written, until it is stopped. */
export function createStreamJob(
  environment: Environment,
  round: RoundEnvironment,
  { job, partitions }: Pick<RoundPlan, 'job' | 'partitions'>,
  { model, artifactDir, sha256 }: StreamBaseline,
): Job {
  const { client, kafka } = environment;
  const { topic, workflowId } = round;
  const producer = createForeignProducer(kafka, topic, partitions, model.features);
  const isContinuous = job === 'continuous';
  let rest: Promise<void> | undefined;

  return {
    async prepare() {
      await copyModel({ model, artifactDir }, round);
      await createRunTopics(kafka, topic, partitions);
      await producer.produceFirst();
      if (!isContinuous) await producer.produceRest();
    },
    async start() {
      await startStream(environment, round, model, isContinuous ? { intervalSeconds: 1 } : 'available-now');
      if (isContinuous) rest ??= producer.produceRest();
    },
    async conclude(watch) {
      await rest;
      if (isContinuous) await client.workflow.getHandle(workflowId).signal('stop');
      await ended(watch);
      // The next start scores the records that were written too late for this one.
      await startStream(environment, round, model, 'available-now');
      await ended(watch);
      return [await judgeStream(environment, round, producer, sha256)];
    },
  };
}

/** A start that finds only bad records has worked, and fails to say so. The verdict covers those records. */
async function ended(watch: RunWatch): Promise<void> {
  try {
    await watch.completed();
  } catch (error) {
    const { cause } = error as WorkflowFailedError;
    if (!(cause instanceof ApplicationFailure) || cause.type !== 'NothingScored') throw error;
  }
}

export async function readStreamBaseline(
  environment: Environment,
  round: RoundEnvironment,
  partitions: RoundPlan['partitions'],
  trained: TrainedModel,
): Promise<StreamBaseline> {
  const producer = createForeignProducer(environment.kafka, round.topic, partitions, trained.model.features);
  await createRunTopics(environment.kafka, round.topic, partitions);
  await producer.produceFirst();
  await producer.produceRest();
  const handle = await startStream(environment, round, trained.model, 'available-now');
  await handle.result();
  const { predictions } = await readStreamRecords(environment.kafka, round.topic);
  return { ...trained, sha256: predictionsSha256(predictions) };
}

async function startStream(
  { client }: Environment,
  { workflowId, taskQueue, topic }: RoundEnvironment,
  model: TrainedModel['model'],
  trigger: 'available-now' | { readonly intervalSeconds: number },
) {
  const input: ContinuousInputJson = {
    topic,
    model,
    start: 'earliest',
    trigger,
    stream: { microBatchRows: 20, inFlight: 4, maxBadFraction: 1 },
  };
  return client.workflow.start(workflowType.scoreStream, { workflowId, taskQueue, args: [input] });
}

/** The workers of a round have an artifact directory of their own. */
async function copyModel({ model, artifactDir }: TrainedModel, round: RoundEnvironment): Promise<void> {
  const target = join(round.artifactDir, model.artifact.uri);
  await mkdir(dirname(target), { recursive: true });
  await cp(join(artifactDir, model.artifact.uri), target);
}

async function judgeStream(
  { kafka }: Environment,
  { topic }: RoundEnvironment,
  producer: ForeignProducer,
  expectedSha256: string,
): Promise<Verdict> {
  const { good, bad } = producer.written();
  const records = await readStreamRecords(kafka, topic);
  const expected = [...good, ...bad];
  const verdict = judge({ ...records, expected, expectedInputs: expected, expectedSha256 });
  const isSplit = verdict.predicted === good.length && verdict.deadLettered === bad.length;
  return { ...verdict, isHashEqual: verdict.isHashEqual && isSplit };
}

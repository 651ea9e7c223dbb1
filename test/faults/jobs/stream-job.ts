import { cp, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { workflowType } from '../../../src/domain/names.ts';
import type { ContinuousInputJson } from '../../../src/domain/stream/stream-input.ts';
import type { RoundPlan } from '../fault.ts';
import { judge, predictionsSha256, type Verdict } from '../oracle.ts';
import type { Ground, Stage } from '../stage.ts';
import { createTopics } from '../topics.ts';
import { createForeignProducer, type ForeignProducer } from './foreign-producer.ts';
import type { Job } from './job.ts';
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

/** A stream of foreign records. Where they come in meanwhile, it goes on until it is told to stop. */
export function createStreamJob(
  stage: Stage,
  ground: Ground,
  { job, partitions }: Pick<RoundPlan, 'job' | 'partitions'>,
  { model, artifactDir, sha256 }: StreamBaseline,
): Job {
  const { client, kafka } = stage;
  const { topic, workflowId } = ground;
  const producer = createForeignProducer(kafka, topic, partitions, model.features);
  const isContinuous = job === 'continuous';
  let rest: Promise<void> | undefined;

  return {
    async prepare() {
      await copyModel({ model, artifactDir }, ground);
      await createTopics(kafka, topic, partitions);
      await producer.produceFirst();
      if (!isContinuous) await producer.produceRest();
    },
    async start() {
      await startStream(stage, ground, model, isContinuous ? { intervalSeconds: 1 } : 'available-now');
      if (isContinuous) rest ??= producer.produceRest();
    },
    async conclude(watch) {
      await rest;
      if (isContinuous) await client.workflow.getHandle(workflowId).signal('stop');
      await watch.completed();
      // What came too late for the stop is for the next start.
      await startStream(stage, ground, model, 'available-now');
      await watch.completed();
      return [await judgeStream(stage, ground, producer, sha256)];
    },
  };
}

export async function readStreamBaseline(
  stage: Stage,
  ground: Ground,
  partitions: RoundPlan['partitions'],
  trained: TrainedModel,
): Promise<StreamBaseline> {
  const producer = createForeignProducer(stage.kafka, ground.topic, partitions, trained.model.features);
  await createTopics(stage.kafka, ground.topic, partitions);
  await producer.produceFirst();
  await producer.produceRest();
  const handle = await startStream(stage, ground, trained.model, 'available-now');
  await handle.result();
  const { predictions } = await readStreamRecords(stage.kafka, ground.topic);
  return { ...trained, sha256: predictionsSha256(predictions) };
}

async function startStream(
  { client }: Stage,
  { workflowId, taskQueue, topic }: Ground,
  model: TrainedModel['model'],
  trigger: 'available-now' | { readonly intervalSeconds: number },
) {
  const input: ContinuousInputJson = {
    ...{ topic, model, start: 'earliest', trigger },
    stream: { microBatchRows: 20, inFlight: 4, maxBadFraction: 1 },
  };
  return client.workflow.start(workflowType.scoreStream, { workflowId, taskQueue, args: [input] });
}

/** The workers of a round have an artifact directory of their own. */
async function copyModel({ model, artifactDir }: TrainedModel, ground: Ground): Promise<void> {
  const target = join(ground.artifactDir, model.artifact.uri);
  await mkdir(dirname(target), { recursive: true });
  await cp(join(artifactDir, model.artifact.uri), target);
}

async function judgeStream(
  { kafka }: Stage,
  { topic }: Ground,
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

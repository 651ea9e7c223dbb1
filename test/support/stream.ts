import type { Client, WorkflowHandle } from '@temporalio/client';
import { expect } from 'vitest';
import { deadLettersTopic, predictionsTopic, PROGRESS_QUERY, workflowType } from '../../src/domain/names.ts';
import type { StreamProgress } from '../../src/domain/run/progress.ts';
import type { ContinuousResult, PipelineResult } from '../../src/domain/run/step-results.ts';
import type { ContinuousInputJson } from '../../src/domain/stream/stream-input.ts';
import { FEW_ROWS, type TestEnvironment } from './environment.ts';
import { createTopics } from './log/create-topics.ts';
import { pollUntil } from './poll-until.ts';
import { readSettled, test as base } from './log/record-log.ts';

/** A row to score, without a target, as any producer writes it. */
export const good = (budget: number): string => JSON.stringify({ budget });
export const BAD = '{"budget": "NA"}';

export interface StreamHandle extends Omit<WorkflowHandle, 'result'> {
  result(): Promise<ContinuousResult>;
  readonly progress: () => Promise<StreamProgress>;
}

export const test = base
  .extend('trained', { scope: 'file' }, async ({ environment, worker: _worker }) => {
    const films = Array.from({ length: 60 }, (_, i) => `${((i * 7) % 60) * 1_000},${(i % 90) / 10 + 1}`);
    await environment.writeCsv('films.csv', ['budget,imdb_score', ...films].join('\n'));
    return (await environment.client.workflow.execute(workflowType.ratingPipeline, {
      workflowId: environment.newId(),
      taskQueue: environment.config.taskQueue,
      args: [
        {
          dataset: { path: 'films.csv' },
          quality: FEW_ROWS,
          topic: environment.newTopic(),
          forest: { trees: 1 },
        },
      ],
    })) as PipelineResult;
  })
  /** Starts a continuous stream, by default with a short interval and small batches. */
  .extend('startStream', { scope: 'file' }, ({ environment, trained: { model } }) => {
    return async (
      workflowId: string,
      input: Partial<ContinuousInputJson> & { readonly topic: string },
    ): Promise<StreamHandle> => {
      const handle = await environment.client.workflow.start(workflowType.scoreStream, {
        workflowId,
        taskQueue: environment.config.taskQueue,
        args: [
          {
            model,
            trigger: { intervalSeconds: 0.5 },
            ...input,
            stream: { microBatchRows: 10, ...input.stream },
          },
        ],
      });
      return Object.assign(handle as unknown as Omit<StreamHandle, 'progress'>, {
        progress: () => handle.query<StreamProgress>(PROGRESS_QUERY),
      });
    };
  })
  .extend('produce', { scope: 'file' }, ({ producer }) => {
    return async (topic: string, partition: number, values: readonly (string | Buffer | null)[]) => {
      await producer.send({ topic, messages: values.map((value) => ({ partition, value })) });
    };
  })
  .extend('createTopic', { scope: 'file' }, ({ environment, admin }) => {
    return async (numPartitions: number): Promise<string> => {
      const topic = environment.newTopic();
      await createTopics(admin, [topic], numPartitions);
      return topic;
    };
  });

/** `partition@offset` of every input that was predicted, sorted, with repetitions. */
export async function predictedPlaces(environment: TestEnvironment, topic: string): Promise<string[]> {
  const predictions = await readSettled(environment, predictionsTopic(topic));
  return predictions
    .map(({ value }) => JSON.parse(String(value)) as { source: { partition: number; offset: number } })
    .map(({ source }) => `${source.partition}@${source.offset}`)
    .sort();
}

export async function deadLetterPlaces(environment: TestEnvironment, topic: string): Promise<string[]> {
  const deadLetters = await readSettled(environment, deadLettersTopic(topic));
  return deadLetters
    .map(({ headers }) =>
      ['partition', 'offset'].map((name) => String(headers?.[`dead-letter.${name}`])).join('@'),
    )
    .sort();
}

/** `partition@offset` of offsets 0 to `count` - 1, sorted. */
export function places(partition: number, count: number): string[] {
  return Array.from({ length: count }, (_, offset) => `${partition}@${offset}`).sort();
}

export async function untilPredicted(stream: StreamHandle, rows: number): Promise<StreamProgress> {
  return pollUntil(`${rows} rows to be predicted`, async () => {
    const progress = await stream.progress().catch(() => undefined);
    return progress && progress.predicted >= rows && progress;
  });
}

export async function stop(stream: StreamHandle): Promise<ContinuousResult> {
  await stream.signal('stop');
  return stream.result();
}

export async function statusOf(stream: Pick<StreamHandle, 'describe'>): Promise<string> {
  return (await stream.describe()).status.name;
}

/** The failure that ended a stream. */
export async function failureOf(run: Promise<unknown>): Promise<{ type?: string; message: string }> {
  const error: unknown = await run.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(Error);
  let cause = (error as Error).cause;
  while (cause instanceof Error && cause.cause instanceof Error) cause = cause.cause;
  return cause as { type?: string; message: string };
}

/** Queries a stream that a command has started until its progress is as expected. */
export async function untilProgress(
  { workflow }: Client,
  id: string,
  what: string,
  isExpected: (progress: StreamProgress) => boolean,
): Promise<StreamProgress> {
  return pollUntil(what, async () => {
    const query = workflow.getHandle(id).query<StreamProgress>(PROGRESS_QUERY);
    const progress = await query.catch(() => undefined);
    return progress && isExpected(progress) && progress;
  });
}

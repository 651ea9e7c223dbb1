import type { CompressionTypes } from 'kafkajs';
import {
  deadLettersTopic,
  header,
  predictionsTopic,
  recordSchema,
  workflowType,
} from '../../../src/domain/names.ts';
import type { PipelineResult, ScoreStreamResult } from '../../../src/domain/run/step-results.ts';
import type { ScoreRangesInput } from '../../../src/domain/stream/workflow-inputs.ts';
import { FEW_ROWS } from '../environment.ts';
import { test as base } from './record-log.ts';

type ScoreStream = Omit<ScoreRangesInput, 'run' | 'topic' | 'ranges' | 'stream'> & {
  /** Without a key, it is `row-<offset>`. */
  readonly records: readonly { readonly value: Buffer | string | null; readonly key?: Buffer | null }[];
  readonly compression?: CompressionTypes;
  readonly onBadRecord: 'dead-letter' | 'fail';
};

const BATCH_ROWS = 4;
/** Scores records of a topic written by hand: one partition, offsets from 0, batches of four. */
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
  .extend('scoreByHand', { scope: 'file' }, ({ environment, log, producer, trained: _trained }) => {
    return async ({ records, model, onBadRecord, compression }: ScoreStream) => {
      const { client, config, newId } = environment;
      const workflowId = newId();
      const topic = environment.newTopic();
      await log.publisher.ensureTopics([topic, predictionsTopic(topic), deadLettersTopic(topic)]);
      const messages = records.map(({ value, key }, i) => ({
        partition: 0,
        key: key === undefined ? `row-${i}` : key,
        value,
        headers: {
          [header.runId]: workflowId,
          [header.schema]: recordSchema('stream'),
          [header.rowId]: String(i),
          trace: Buffer.from([0xff, 0x00, i]),
        },
      }));
      await producer.send({ topic, messages, ...(compression && { compression }) });
      const result = client.workflow.execute(workflowType.scoreStream, {
        workflowId,
        taskQueue: config.taskQueue,
        args: [
          {
            run: workflowId,
            topic,
            ranges: [{ partition: 0, offsetFrom: 0, offsetTo: records.length }],
            model,
            stream: { microBatchRows: BATCH_ROWS, inFlight: 2, onBadRecord, onBatchFailure: 'fail' },
          } satisfies ScoreRangesInput,
        ],
      });
      return { topic, workflowId, messages, result: result as Promise<ScoreStreamResult> };
    };
  });

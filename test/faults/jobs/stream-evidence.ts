import type { Kafka } from 'kafkajs';
import { deadLettersTopic, predictionsTopic } from '../../../src/domain/names.ts';
import { readSettled } from '../../support/log/read-settled.ts';
import { readTopic } from '../../support/log/read-topic.ts';
import type { Evidence } from '../report/oracle.ts';

type StreamRecords = Pick<Evidence, 'inputs' | 'predictions' | 'deadLetters'>;

/** What a plain consumer reads. Ids are the places of the input records, `partition@offset`. */
export async function readStreamRecords(kafka: Kafka, topic: string): Promise<StreamRecords> {
  const inputs = await readTopic(kafka, topic);
  const predictions = await readSettled({ kafka }, predictionsTopic(topic));
  const deadLetters = await readSettled({ kafka }, deadLettersTopic(topic));
  return {
    inputs: inputs.map(({ partition, offset }) => `${partition}@${offset}`),
    predictions: predictions.map(({ value }) => {
      const { source, prediction } = JSON.parse(String(value)) as {
        readonly source: { readonly partition: number; readonly offset: number };
        readonly prediction: number;
      };
      return { id: `${source.partition}@${source.offset}`, prediction };
    }),
    deadLetters: deadLetters.map(({ headers }) =>
      [headers?.['dead-letter.partition'], headers?.['dead-letter.offset']].map(String).join('@'),
    ),
  };
}

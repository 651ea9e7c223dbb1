import type { Kafka } from 'kafkajs';
import { deadLettersTopic, header, predictionsTopic, recordSchema } from '../../../src/domain/names.ts';
import { readSettled } from '../../support/log/read-settled.ts';
import type { ReadMessage } from '../../support/log/read-topic.ts';
import type { Evidence } from '../report/oracle.ts';

/** The records of one run in its three topics. */
export interface PipelineRecords {
  readonly inputs: readonly string[];
  readonly predictions: Evidence['predictions'];
  readonly deadLetters: readonly string[];
  /** Records of all runs. */
  readonly total: number;
}

/**
 * Read by a plain consumer of the Kafka library, after the last transaction has ended. Ids are row ids; those of the
 * batch split, which is published and read back but not predicted, begin with `batch/`.
 */
export async function readPipelineRecords(
  kafka: Kafka,
  topic: string,
  run: string,
): Promise<PipelineRecords> {
  const [inputs, predictions, deadLetters] = (await Promise.all(
    [topic, predictionsTopic(topic), deadLettersTopic(topic)].map((name) => readSettled({ kafka }, name)),
  )) as [ReadMessage[], ReadMessage[], ReadMessage[]];
  const isOfRun = (message: ReadMessage): boolean => headerOf(message, header.runId) === run;
  const rowOf = ({ key }: ReadMessage): string => String(key).slice(`${run}/stream/`.length);
  const ids = inputs.filter(isOfRun).map((message) => {
    const isStream = headerOf(message, header.schema) === recordSchema('stream');
    return isStream ? rowOf(message) : String(message.key).slice(`${run}/`.length);
  });
  return {
    inputs: ids,
    predictions: predictions.filter(isOfRun).map((message) => {
      const value = JSON.parse(String(message.value)) as {
        readonly rowId: number;
        readonly prediction: number;
      };
      return { id: String(value.rowId), prediction: value.prediction };
    }),
    deadLetters: deadLetters.filter(isOfRun).map(rowOf),
    total: inputs.length + predictions.length + deadLetters.length,
  };
}

function headerOf({ headers }: ReadMessage, name: string): string {
  return String(headers?.[name] ?? '');
}

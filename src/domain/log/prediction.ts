import { fromJsonBytes, toJsonBytes, type JsonBytes } from './bytes.ts';
import type { DeadLetter } from './dead-letter.ts';
import { recordHeaders, type LogRecord, type OutgoingRecord, type RatingRecord } from './record.ts';
import { MalformedRecord } from '../errors.ts';

/** One scored row, as written to the predictions topic. */
export interface Prediction {
  /** Of the source record, byte for byte. */
  readonly key: JsonBytes | null;
  readonly rowId: number | null;
  readonly prediction: number;
  readonly actual: number | null;
  /** Which model made it. */
  readonly modelVersion: string;
  /** Where its features were read. */
  readonly source: { readonly topic: string; readonly partition: number; readonly offset: number };
}

/** A parsed rating record and where it was read. */
export interface ConsumedRow extends RatingRecord {
  readonly partition: number;
  readonly offset: number;
}

/** Content of a consumed micro-batch artifact. */
export interface ConsumedBatch {
  readonly topic: string;
  readonly features: readonly string[];
  readonly rows: readonly ConsumedRow[];
  readonly deadLetters: readonly DeadLetter[];
}

/** Content of a predictions artifact: all that one transaction will write. */
export interface ScoredBatch {
  readonly topic: string;
  readonly predictions: readonly Prediction[];
  readonly deadLetters: readonly DeadLetter[];
}

export function predictionRecord(run: string, { key, ...value }: Prediction): OutgoingRecord {
  return {
    key: key && fromJsonBytes(key),
    value: JSON.stringify(value),
    headers: recordHeaders(run, 'predictions', value.rowId === null ? '' : String(value.rowId)),
  };
}

/** @throws MalformedRecord when the predictions topic holds something this project did not write */
export function parsePrediction(topic: string, record: LogRecord): Prediction {
  const where = `${topic}[${record.partition}]@${record.offset}`;
  const decoder = new TextDecoder();
  try {
    const value = JSON.parse(decoder.decode(record.value ?? undefined)) as Omit<Prediction, 'key'>;
    return { key: record.key && toJsonBytes(record.key), ...value };
  } catch (cause) {
    throw new MalformedRecord({ what: 'prediction is not JSON', where, expected: 'a prediction', cause });
  }
}

import { recordHeaders, type LogRecord, type OutgoingRecord, type RatingRecord } from './record.ts';
import { MalformedRecord } from '../errors.ts';
import { deadLetterHeader } from '../names.ts';

/** One scored row, as written to the predictions topic. */
export interface Prediction {
  readonly key: string;
  readonly rowId: number | null;
  readonly prediction: number;
  readonly actual: number | null;
  /** Which model made it. */
  readonly modelVersion: string;
  /** Where its features were read. */
  readonly source: { readonly topic: string; readonly partition: number; readonly offset: number };
}

/** A record that could not be scored, byte for byte, and why. Base64, because artifacts are JSON. */
export interface DeadLetter {
  readonly partition: number;
  readonly offset: number;
  readonly timestamp: string;
  readonly key: string | null;
  readonly value: string | null;
  readonly headers: readonly (readonly [name: string, base64: string])[];
  readonly errorType: string;
  readonly errorMessage: string;
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
    key,
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
    return { key: decoder.decode(record.key ?? undefined), ...value };
  } catch (cause) {
    throw new MalformedRecord({ what: 'prediction is not JSON', where, expected: 'a prediction', cause });
  }
}

/** The refused record with its original bytes, and headers that say where it came from and what was wrong. */
export function deadLetterRecord(run: string, topic: string, deadLetter: DeadLetter): OutgoingRecord {
  const bytes = (base64: string | null): Uint8Array | null =>
    base64 === null ? null : Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  return {
    key: bytes(deadLetter.key),
    value: bytes(deadLetter.value),
    headers: [
      ...deadLetter.headers.map(([name, value]): [string, Uint8Array] => [
        name,
        bytes(value) ?? new Uint8Array(),
      ]),
      [deadLetterHeader.topic, topic],
      [deadLetterHeader.partition, String(deadLetter.partition)],
      [deadLetterHeader.offset, String(deadLetter.offset)],
      [deadLetterHeader.timestamp, deadLetter.timestamp],
      [deadLetterHeader.errorType, deadLetter.errorType],
      [deadLetterHeader.errorMessage, deadLetter.errorMessage],
      [deadLetterHeader.runId, run],
    ],
  };
}

export function toDeadLetter(record: LogRecord, error: Error): DeadLetter {
  const base64 = (bytes: Uint8Array | null): string | null =>
    bytes === null ? null : btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
  return {
    partition: record.partition,
    offset: record.offset,
    timestamp: record.timestamp,
    key: base64(record.key),
    value: base64(record.value),
    headers: record.headers.map(([name, value]) => [name, base64(value) ?? '']),
    errorType: error.name,
    errorMessage: error.message,
  };
}

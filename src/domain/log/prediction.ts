import type { TableSchema } from '../table.ts';
import { recordHeaders, type LogRecord, type OutgoingRecord } from './record.ts';
import { MalformedRecord } from '../errors.ts';
import { recordSchema } from '../names.ts';
import { ByteWriter } from './byte-writer.ts';
import { frameOf, withoutFrame } from './framed-value.ts';

/** One scored row, as written to the predictions topic. */
export interface Prediction {
  readonly rowId: number | null;
  readonly prediction: number;
  readonly actual: number | null;
  /** Which model made it. */
  readonly modelVersion: string;
  /** Where its features were read. */
  readonly source: { readonly topic: string; readonly partition: number; readonly offset: number };
}

/** What the predictions of one micro-batch share. */
export interface PredictedBatch {
  readonly run: string;
  /** Where the features were read. */
  readonly topic: string;
  readonly modelVersion: string;
  /** Of the schema that the values are framed with; absent: no frame. */
  readonly schemaId?: number | undefined;
}

/** What {@link createPredictionRecords} writes, for a schema registry. */
export function predictionJsonSchema(): string {
  const number = { type: 'number' };
  const numberOrNull = { type: ['number', 'null'] };
  const source = {
    type: 'object',
    properties: { topic: { type: 'string' }, partition: { type: 'integer' }, offset: { type: 'integer' } },
    required: ['topic', 'partition', 'offset'],
  };
  const properties = {
    rowId: numberOrNull,
    prediction: number,
    actual: numberOrNull,
    modelVersion: { type: 'string' },
    source,
  } satisfies Record<keyof Prediction, object>;
  return JSON.stringify({
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Prediction',
    type: 'object',
    properties,
    required: Object.keys(properties),
  });
}

/** Of one scored row; NaN where there is no row id, or the rating is unknown. */
export interface PredictedRow {
  readonly rowId: number;
  readonly prediction: number;
  readonly actual: number;
  readonly partition: number;
  readonly offset: number;
}

const encoder = new TextEncoder();

/**
 * Writes predictions as JSON, whose bytes decide the content hash.
 *
 * @returns gives the record of a row, valid until the next one is asked for. Its key is that of the source record.
 */
export function createPredictionRecords({ run, topic, modelVersion, schemaId }: PredictedBatch) {
  const headers = recordHeaders(run, recordSchema('prediction'));
  const begin = Uint8Array.of(...frameOf(schemaId), ...encoder.encode('{"rowId":'));
  const beforePrediction = encoder.encode(',"prediction":');
  const beforeActual = encoder.encode(',"actual":');
  const beforePartition = encoder.encode(
    `,"modelVersion":${JSON.stringify(modelVersion)},"source":{"topic":${JSON.stringify(topic)},"partition":`,
  );
  const beforeOffset = encoder.encode(',"offset":');
  const end = encoder.encode('}}');
  const value = new ByteWriter();
  return (key: Uint8Array | null, row: PredictedRow): OutgoingRecord => {
    value
      .clear()
      .bytes(begin)
      .number(row.rowId)
      .bytes(beforePrediction)
      .number(row.prediction)
      .bytes(beforeActual)
      .number(row.actual)
      .bytes(beforePartition)
      .number(row.partition)
      .bytes(beforeOffset)
      .number(row.offset)
      .bytes(end);
    return { key, value: value.view(), headers };
  };
}

const decoder = new TextDecoder();

/** @throws MalformedRecord when the predictions topic holds something this project did not write */
export function parsePrediction(topic: string, record: LogRecord): Prediction {
  const where = `${topic}[${record.partition}]@${record.offset}`;
  let value: unknown;
  try {
    value = JSON.parse(decoder.decode(record.value ? withoutFrame(record.value) : undefined));
  } catch (cause) {
    throw new MalformedRecord({ what: 'prediction is not JSON', where, expected: 'a prediction', cause });
  }
  if (isPrediction(value)) return value;
  const got = JSON.stringify(value).slice(0, 80);
  throw new MalformedRecord({ what: 'not a prediction', where, expected: 'what this project writes', got });
}

function isPrediction(value: unknown): value is Prediction {
  const { rowId, prediction, actual, source } = (value ?? {}) as Partial<Prediction>;
  const isPlace = typeof source?.partition === 'number' && typeof source.offset === 'number';
  return isPlace && typeof prediction === 'number' && isNumberOrNull(rowId) && isNumberOrNull(actual);
}

function isNumberOrNull(value: unknown): boolean {
  return value === null || typeof value === 'number';
}

/** Predictions of one micro-batch: the same rows in the same order as its table of consumed rows. */
export function scoredSchema(modelVersion: string): TableSchema {
  return { columns: [{ name: 'prediction', type: 'double' }], metadata: { modelVersion } };
}

/** Of {@link predictionsSchema}: row id, actual and predicted value. */
export const PREDICTION_COLUMNS = ['_row', 'actual', 'prediction'] as const;

/** Predictions of a run, by row of the dataset, and where their records were read. */
export function predictionsSchema(metadata: {
  readonly topic: string;
  readonly modelVersion: string;
}): TableSchema {
  return {
    columns: [
      { name: '_row', type: 'double' },
      { name: 'prediction', type: 'double' },
      { name: 'actual', type: 'double' },
      { name: '_partition', type: 'integer' },
      { name: '_offset', type: 'double' },
    ],
    metadata,
  };
}

import { header, recordSchema, type PublishedSplit } from '../names.ts';

/** What something was before only its beginning was kept. */
export interface Whole {
  readonly bytes: number;
  /** Hex. */
  readonly sha256: string;
}

/** The parts of a record that were cut short. Of headers, the bytes of names and values, one after another. */
export type CutParts = Partial<Readonly<Record<'key' | 'value' | 'headers', Whole>>>;

/** A record as Kafka stores it, not parsed yet. */
export interface LogRecord {
  readonly partition: number;
  readonly offset: number;
  /** Milliseconds since the epoch, as Kafka gives it. */
  readonly timestamp: string;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: readonly (readonly [name: string, value: Uint8Array])[];
  /** Set for a record that is too large to be held whole. */
  readonly cut?: CutParts;
}

export function copyRecord(record: LogRecord, copyOf: (bytes: Uint8Array) => Uint8Array): LogRecord {
  const { partition, offset, timestamp, key, value, headers, cut } = record;
  return {
    partition,
    offset,
    timestamp,
    key: key && copyOf(key),
    value: value && copyOf(value),
    headers: headers.map(([name, bytes]) => [name, copyOf(bytes)]),
    ...(cut && { cut }),
  };
}

/** A record to be written. */
export interface OutgoingRecord {
  readonly key: string | Uint8Array | null;
  readonly value: string | Uint8Array | null;
  readonly headers: readonly (readonly [name: string, value: string | Uint8Array])[];
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export function recordHeaders(run: string, schema: string): readonly (readonly [string, Uint8Array])[] {
  return [
    [header.runId, encoder.encode(run)],
    [header.schema, encoder.encode(schema)],
  ];
}

export function headerText(record: LogRecord, name: string): string | undefined {
  const bytes = headerBytes(record, name);
  return bytes && decoder.decode(bytes);
}

export function headerBytes({ headers }: LogRecord, name: string): Uint8Array | undefined {
  return headers.find(([key]) => key === name)?.[1];
}

/** Whether a record was published by this run for this split; a topic is shared by runs and splits. */
export function belongsTo(run: string, split: PublishedSplit): (record: LogRecord) => boolean {
  return hasHeaders(recordHeaders(run, recordSchema(split)));
}

/** Whether a record is a prediction that this run has written. */
export function isPredictionOf(run: string): (record: LogRecord) => boolean {
  return hasHeaders(recordHeaders(run, recordSchema('prediction')));
}

function hasHeaders(wanted: ReturnType<typeof recordHeaders>): (record: LogRecord) => boolean {
  // Neighbours often share one array.
  let last: LogRecord['headers'] | undefined;
  let answer = false;
  return (record) => {
    if (record.headers === last) return answer;
    last = record.headers;
    answer = wanted.every(([name, bytes]) => isEqual(headerBytes(record, name), bytes));
    return answer;
  };
}

export function isEqual(bytes: Uint8Array | undefined, wanted: Uint8Array): boolean {
  return bytes?.length === wanted.length && wanted.every((byte, i) => byte === bytes[i]);
}

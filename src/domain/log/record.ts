import { MalformedRecord } from '../errors.ts';
import { header, recordKey, recordSchema, type PublishedSplit } from '../names.ts';
import type { RatingRows, RatingSchema } from '../dataset/rating-table.ts';
import { ByteWriter } from './byte-writer.ts';
import { FlatJsonReader } from './flat-json.ts';

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

/** A record to be written. */
export interface OutgoingRecord {
  readonly key: string | Uint8Array | null;
  readonly value: string | Uint8Array | null;
  readonly headers: readonly (readonly [name: string, value: string | Uint8Array])[];
}

/** What a rating record says beside the values of its features. NaN: its producer sends none. */
export interface RatingRecord {
  /** The row's number in the dataset. */
  readonly rowId: number;
  /** The known rating. */
  readonly actual: number;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const utf8 = new TextDecoder('utf-8', { fatal: true });

/** @returns gives the record of a row, whose bytes are valid until the next one is asked for */
export function createRatingRecords(run: string, split: PublishedSplit, { features, target }: RatingSchema) {
  const headers = recordHeaders(run, recordSchema(split));
  const prefix = encoder.encode(recordKey(run, split, ''));
  const names = [...features, target].map((field, f) =>
    encoder.encode(`${f === 0 ? '{' : ','}${JSON.stringify(field)}:`),
  );
  const end = encoder.encode('}');
  const key = new ByteWriter();
  const value = new ByteWriter();
  return ({ rowIds, columns, targets }: RatingRows, position: number): OutgoingRecord => {
    key
      .clear()
      .bytes(prefix)
      .number(rowIds[position] as number);
    value.clear();
    for (let f = 0; f < names.length; f += 1) {
      const column = columns[f] ?? targets;
      value.bytes(names[f] as Uint8Array).number(column[position] as number);
    }
    return { key: key.view(), value: value.bytes(end).view(), headers };
  };
}

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

function headerBytes({ headers }: LogRecord, name: string): Uint8Array | undefined {
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

function isEqual(bytes: Uint8Array | undefined, wanted: Uint8Array): boolean {
  return bytes?.length === wanted.length && wanted.every((byte, i) => byte === bytes[i]);
}

/**
 * Reads the rows of a run's own keys, see `recordKey`.
 *
 * @returns the row id; undefined for every other key, so that two keys never have the same
 */
export function rowIdOfKey(run: string, split: PublishedSplit): (key: Uint8Array) => number | undefined {
  const prefix = encoder.encode(recordKey(run, split, ''));
  return (key) => {
    // From the end: keys of other rows begin in the same way.
    for (let i = prefix.length - 1; i >= 0; i -= 1) if (key[i] !== prefix[i]) return undefined;
    return endsWithNumber(key, prefix.length);
  };
}

const ZERO = 0x30;
/** A double holds every number of so many digits. */
const MAX_DIGITS = 15;

/** @returns undefined unless all bytes from there on are the usual digits of a number */
function endsWithNumber(bytes: Uint8Array, from: number): number | undefined {
  const digits = bytes.length - from;
  if (digits < 1 || digits > MAX_DIGITS || (digits > 1 && bytes[from] === ZERO)) return undefined;
  let number = 0;
  for (let i = from; i < bytes.length; i += 1) {
    const digit = (bytes[i] as number) - ZERO;
    if (digit < 0 || digit > 9) return undefined;
    number = 10 * number + digit;
  }
  return number;
}

const SLASH = 0x2f;

/** Of another producer's header, or of a key that a run has written. NaN if there is none. */
function rowIdOf(record: LogRecord): number {
  const text = headerText(record, header.rowId);
  if (text !== undefined) return parseRowId(text);
  if (record.key === null || !isRow(record)) return Number.NaN;
  return endsWithNumber(record.key, record.key.lastIndexOf(SLASH) + 1) ?? Number.NaN;
}

const ROW_SCHEMAS = (['batch', 'stream'] as const).map((split) => encoder.encode(recordSchema(split)));

function isRow(record: LogRecord): boolean {
  const schema = headerBytes(record, header.schema);
  return ROW_SCHEMAS.some((bytes) => isEqual(schema, bytes));
}

function parseRowId(text: string): number {
  const rowId = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(rowId) ? rowId : Number.NaN;
}

/** Fills `values`, one per feature; after an error, with any. @throws MalformedRecord, see {@link createRatingParser} */
export type RatingParser = (record: LogRecord, values: Float64Array) => RatingRecord;

/**
 * Parses records without an object for each, as long as they are flat JSON of plain text and numbers.
 *
 * @throws MalformedRecord naming topic, partition, offset, field, expected and got
 */
export function createRatingParser(topic: string, schema: RatingSchema): RatingParser {
  const fields = [...new Set([...schema.features, schema.target])];
  const reader = new FlatJsonReader(fields);
  const all = new Float64Array(fields.length);
  const placeOf = schema.features.map((feature) => fields.indexOf(feature));
  const targetAt = fields.indexOf(schema.target);
  return (record, values) => {
    if (record.cut || record.value === null || !reader.read(record.value, all))
      return parseAnyRecord(topic, record, schema, values);
    for (let f = 0; f < placeOf.length; f += 1) {
      const value = all[placeOf[f] as number] as number;
      if (Number.isNaN(value)) return parseAnyRecord(topic, record, schema, values);
      values[f] = value;
    }
    return { rowId: rowIdOf(record), actual: all[targetAt] as number };
  };
}

function parseAnyRecord(
  topic: string,
  record: LogRecord,
  { features, target }: RatingSchema,
  values: Float64Array,
): RatingRecord {
  const where = `${topic}[${record.partition}]@${record.offset}`;
  if (record.cut) throw tooLarge(where, record.cut);
  const fields = parseObject(where, record.value);
  // A column may be called "toString", which every object has.
  const valueOf = (field: string): unknown => (Object.hasOwn(fields, field) ? fields[field] : undefined);
  features.forEach((feature, i) => {
    values[i] = requireFinite(where, feature, valueOf(feature));
  });
  const actual = valueOf(target);
  return {
    rowId: rowIdOf(record),
    actual: actual === undefined || actual === null ? Number.NaN : requireFinite(where, target, actual),
  };
}

function tooLarge(where: string, cut: CutParts): MalformedRecord {
  return new MalformedRecord({
    what: 'record is too large to be read whole',
    where,
    expected: 'a JSON object of feature values',
    got: Object.entries(cut)
      .map(([part, { bytes }]) => `${part} of ${bytes} bytes`)
      .join(', '),
  });
}

function parseObject(where: string, value: Uint8Array | null): Readonly<Record<string, unknown>> {
  const expected = 'a JSON object of feature values';
  if (value === null) throw new MalformedRecord({ what: 'record has no value', where, expected });
  let parsed: unknown;
  try {
    parsed = JSON.parse(utf8.decode(value));
  } catch (cause) {
    throw new MalformedRecord({
      what: 'record is not JSON',
      where,
      expected,
      got: `${value.length} bytes`,
      cause,
    });
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    const got = sample(parsed);
    throw new MalformedRecord({ what: 'record is not an object', where, expected, got });
  }
  return parsed as Readonly<Record<string, unknown>>;
}

function requireFinite(where: string, field: string, value: unknown): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  const what = value === undefined ? `"${field}" is missing` : `"${field}" is not a number`;
  throw new MalformedRecord({ what, where, expected: 'a finite number', got: sample(value) });
}

function sample(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 80);
}

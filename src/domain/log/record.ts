import { MalformedRecord } from '../errors.ts';
import { header, recordKey, RECORD_SCHEMA_VERSION, type PublishedSplit } from '../names.ts';
import type { RatingRows, RatingSchema } from '../dataset/rating-table.ts';

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

export function ratingRecord(
  run: string,
  split: PublishedSplit,
  { features, target }: RatingSchema,
  rows: RatingRows,
  position: number,
): OutgoingRecord {
  const rowId = rows.rowIds[position] as number;
  const fields: [string, number][] = features.map((feature, f) => [
    feature,
    rows.columns[f]?.[position] as number,
  ]);
  return {
    key: recordKey(run, split, rowId),
    value: JSON.stringify(Object.fromEntries([...fields, [target, rows.targets[position]]])),
    headers: recordHeaders(run, split, String(rowId)),
  };
}

export function recordHeaders(run: string, split: string, rowId: string): [string, string][] {
  return [
    [header.runId, run],
    [header.split, split],
    [header.schema, RECORD_SCHEMA_VERSION],
    [header.rowId, rowId],
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
  const [ofRun, ofSplit] = [encoder.encode(run), encoder.encode(split)];
  return (record) =>
    isEqual(headerBytes(record, header.runId), ofRun) && isEqual(headerBytes(record, header.split), ofSplit);
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
    if (!prefix.every((byte, i) => byte === key[i])) return undefined;
    const digits = decoder.decode(key.subarray(prefix.length));
    const rowId = parseRowId(digits);
    return String(rowId) === digits ? rowId : undefined;
  };
}

function parseRowId(text: string): number {
  const rowId = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(rowId) ? rowId : Number.NaN;
}

/**
 * @param features whose numbers are written to `values`
 * @param values one per feature; after an error, any
 * @throws MalformedRecord naming topic, partition, offset, field, expected and got
 */
export function parseRatingRecord(
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
  const rowId = headerText(record, header.rowId);
  return {
    rowId: parseRowId(rowId ?? ''),
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

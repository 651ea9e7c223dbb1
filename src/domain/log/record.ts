import { MalformedRecord } from '../errors.ts';
import { toJsonBytes, type JsonBytes } from './bytes.ts';
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

/** A rating record, parsed: values in the order of the features that were asked for. */
export interface RatingRecord {
  readonly key: JsonBytes | null;
  /** The row's number in the dataset; null for producers that send none. */
  readonly rowId: number | null;
  readonly values: readonly number[];
  /** The known rating; null for producers that send none. */
  readonly actual: number | null;
}

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
  const found = record.headers.find(([key]) => key === name);
  return found && new TextDecoder().decode(found[1]);
}

/** Whether the record was published by this run for this split; a topic is shared by runs and splits. */
export function belongsTo(record: LogRecord, run: string, split: PublishedSplit): boolean {
  return headerText(record, header.runId) === run && headerText(record, header.split) === split;
}

/** @throws MalformedRecord naming topic, partition, offset, field, expected and got */
export function parseRatingRecord(
  topic: string,
  record: LogRecord,
  features: readonly string[],
  target: string,
): RatingRecord {
  const where = `${topic}[${record.partition}]@${record.offset}`;
  if (record.cut) throw tooLarge(where, record.cut);
  const fields = parseObject(where, record.value);
  const values = features.map((feature) => requireFinite(where, feature, fields.get(feature)));
  const actual = fields.get(target);
  const rowId = headerText(record, header.rowId);
  return {
    key: record.key && toJsonBytes(record.key),
    rowId: rowId === undefined || !/^\d+$/.test(rowId) ? null : Number(rowId),
    values,
    actual: actual === undefined || actual === null ? null : requireFinite(where, target, actual),
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

function parseObject(where: string, value: Uint8Array | null): ReadonlyMap<string, unknown> {
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
  // A column may be called "toString", which every object has.
  return new Map(Object.entries(parsed));
}

function requireFinite(where: string, field: string, value: unknown): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  const what = value === undefined ? `"${field}" is missing` : `"${field}" is not a number`;
  throw new MalformedRecord({ what, where, expected: 'a finite number', got: sample(value) });
}

function sample(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 80);
}

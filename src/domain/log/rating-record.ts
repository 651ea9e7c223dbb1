import { MalformedRecord } from '../errors.ts';
import { recordKey, recordSchema, type PublishedSplit } from '../names.ts';
import type { RatingRows, RatingSchema } from '../dataset/rating-table.ts';
import { ByteWriter } from './byte-writer.ts';
import { FlatJsonReader } from './flat-json.ts';
import { recordHeaders, type CutParts, type LogRecord, type OutgoingRecord } from './record.ts';
import { createRowIds } from './row-id.ts';

/** What a rating record says beside the values of its features. NaN: its producer sends none. */
export interface RatingRecord {
  /** The row's number in the dataset. */
  readonly rowId: number;
  /** The known rating. */
  readonly actual: number;
}

const encoder = new TextEncoder();
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
  const rowIdOf = createRowIds();

  /** @returns the rating; undefined when the record is not plain, or a feature is missing */
  function readPlain({ cut, value }: LogRecord, values: Float64Array): number | undefined {
    if (cut || value === null || !reader.read(value, all)) return undefined;
    for (let f = 0; f < placeOf.length; f += 1) {
      const number = all[placeOf[f] as number] as number;
      if (Number.isNaN(number)) return undefined;
      values[f] = number;
    }
    return all[targetAt];
  }

  return (record, values) => ({
    actual: readPlain(record, values) ?? parseAnyRecord(topic, record, schema, values),
    rowId: rowIdOf(record),
  });
}

/** @returns the rating */
function parseAnyRecord(
  topic: string,
  record: LogRecord,
  { features, target }: RatingSchema,
  values: Float64Array,
): number {
  const where = `${topic}[${record.partition}]@${record.offset}`;
  if (record.cut) throw tooLarge(where, record.cut);
  const fields = parseObject(where, record.value);
  // A column may be called "toString", which every object has.
  const valueOf = (field: string): unknown => (Object.hasOwn(fields, field) ? fields[field] : undefined);
  features.forEach((feature, i) => {
    values[i] = requireFinite(where, feature, valueOf(feature));
  });
  const actual = valueOf(target);
  return actual === undefined || actual === null ? Number.NaN : requireFinite(where, target, actual);
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

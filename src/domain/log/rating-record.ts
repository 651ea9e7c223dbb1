import { MalformedRecord } from '../errors.ts';
import { recordKey, recordSchema, type PublishedSplit } from '../names.ts';
import type { RatingNumbers, RatingSchema } from '../dataset/rating-table.ts';
import { ByteWriter } from './byte-writer.ts';
import { FlatJsonReader } from './flat-json.ts';
import { FRAME_BYTES, frameOf, schemaIdOf, type ValueFormat } from './framed-value.ts';
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

/** What {@link createRatingRecords} writes, for a schema registry. */
export function ratingJsonSchema({ features, target }: RatingSchema): string {
  const fields = [...features, target];
  return JSON.stringify({
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Rating',
    type: 'object',
    properties: Object.fromEntries(fields.map((field) => [field, { type: 'number' }])),
    required: fields,
  });
}

/** The headers of {@link createRatingRecords}. */
export function ratingHeaders(run: string, split: PublishedSplit): OutgoingRecord['headers'] {
  return recordHeaders(run, recordSchema(split));
}

/**
 * @param schemaId of the schema that the values are framed with; undefined: no frame
 * @returns gives the record of a row, whose bytes are valid until the next one is asked for
 */
export function createRatingRecords(
  run: string,
  split: PublishedSplit,
  { features, target }: RatingSchema,
  schemaId?: number,
) {
  const headers = ratingHeaders(run, split);
  const prefix = encoder.encode(recordKey(run, split, ''));
  const names = [...features, target].map((field, f) =>
    encoder.encode(`${f === 0 ? '{' : ','}${JSON.stringify(field)}:`),
  );
  const frame = frameOf(schemaId);
  const end = encoder.encode('}');
  const key = new ByteWriter();
  const value = new ByteWriter();
  return ({ rowIds, columns, targets }: RatingNumbers, position: number) => {
    key
      .clear()
      .bytes(prefix)
      .number(rowIds[position] as number);
    value.clear().bytes(frame);
    for (let f = 0; f < names.length; f += 1) {
      const column = columns[f] ?? targets;
      value.bytes(names[f] as Uint8Array).number(column[position] as number);
    }
    return { key: key.view(), value: value.bytes(end).view(), headers };
  };
}

/** A record whose schema has to be loaded before it can be read. */
export interface NeededSchema {
  readonly needs: number;
}

/** Fills `values`, one per feature; after an error, with any. @throws MalformedRecord, see {@link createRatingParser} */
export type RatingParser = (record: LogRecord, values: Float64Array) => RatingRecord | NeededSchema;

/**
 * Parses records without an object for each, as long as they are flat JSON of plain text and numbers.
 *
 * @throws MalformedRecord naming topic, partition, offset, field, expected and got
 */
export function createRatingParser(
  topic: string,
  schema: RatingSchema,
  format: ValueFormat = {},
): RatingParser {
  const fields = [...new Set([...schema.features, schema.target])];
  const reader = new FlatJsonReader(fields);
  const all = new Float64Array(fields.length);
  const placeOf = schema.features.map((feature) => fields.indexOf(feature));
  const targetAt = fields.indexOf(schema.target);
  const pathOf = new Map(fields.map((field) => [field, field.split('.')]));
  const rowIdOf = createRowIds();

  /** @returns the rating; undefined when the value is not plain, or a feature is missing */
  function readPlain(value: Uint8Array, values: Float64Array): number | undefined {
    if (!reader.read(value, all)) return undefined;
    for (let f = 0; f < placeOf.length; f += 1) {
      const number = all[placeOf[f] as number] as number;
      if (Number.isNaN(number)) return undefined;
      values[f] = number;
    }
    return all[targetAt];
  }

  /** @returns the rating */
  function readFields(where: string, parsed: unknown, values: Float64Array): number {
    const fields = requireObject(where, parsed);
    const valueOf = (field: string): unknown => findField(fields, field, pathOf.get(field) ?? []);
    schema.features.forEach((feature, i) => {
      values[i] = requireFinite(where, feature, valueOf(feature));
    });
    const actual = valueOf(schema.target);
    return actual === undefined || actual === null ? Number.NaN : requireFinite(where, schema.target, actual);
  }

  function readFramed(
    where: string,
    value: Uint8Array,
    schemaId: number,
    values: Float64Array,
  ): number | NeededSchema {
    if (format.value === 'json' || !format.readerOf) throw unexpectedFrame(where, schemaId, format);
    const found = format.readerOf(schemaId);
    if (found === undefined) return { needs: schemaId };
    if (found.format === 'none') throw new MalformedRecord({ where, ...found.reason });
    const payload = value.subarray(FRAME_BYTES);
    if (found.format === 'json')
      return readPlain(payload, values) ?? readFields(where, parseJson(where, payload), values);
    return readFields(
      where,
      decodeAvro(where, schemaId, () => found.decode(payload)),
      values,
    );
  }

  function readAny(record: LogRecord, values: Float64Array): number | NeededSchema {
    const { cut, value } = record;
    const where = `${topic}[${record.partition}]@${record.offset}`;
    if (cut) throw tooLarge(where, cut);
    if (value === null) throw new MalformedRecord({ what: 'record has no value', where, expected: EXPECTED });
    const schemaId = schemaIdOf(value);
    if (schemaId !== undefined) return readFramed(where, value, schemaId, values);
    if (format.value === 'registry') throw missingFrame(where, value);
    return readFields(where, parseJson(where, value), values);
  }

  return (record, values) => {
    const { cut, value } = record;
    const canBePlain = !cut && value !== null && format.value !== 'registry';
    const actual = (canBePlain ? readPlain(value, values) : undefined) ?? readAny(record, values);
    return typeof actual === 'number' ? { actual, rowId: rowIdOf(record) } : actual;
  };
}

const EXPECTED = 'a JSON object of feature values';

/** The field of this name, else the one at this path. A column may be called "toString", which every object has. */
function findField(fields: object, name: string, path: readonly string[]): unknown {
  if (Object.hasOwn(fields, name)) return (fields as Record<string, unknown>)[name];
  let found: unknown = fields;
  for (const part of path) {
    if (typeof found !== 'object' || found === null || Array.isArray(found)) return undefined;
    if (!Object.hasOwn(found, part)) return undefined;
    found = (found as Record<string, unknown>)[part];
  }
  return found;
}

function tooLarge(where: string, cut: CutParts): MalformedRecord {
  return new MalformedRecord({
    what: 'record is too large to be read whole',
    where,
    expected: EXPECTED,
    got: Object.entries(cut)
      .map(([part, { bytes }]) => `${part} of ${bytes} bytes`)
      .join(', '),
  });
}

function unexpectedFrame(where: string, schemaId: number, { value }: ValueFormat): MalformedRecord {
  return new MalformedRecord({
    what: 'record was written with a Schema Registry',
    where,
    expected: EXPECTED,
    got: `a Confluent frame with schema id ${schemaId}`,
    hint:
      value === 'json'
        ? 'To read such records, start the stream without "stream.value": "json", then replay'
        : 'To read such records, set SCHEMA_REGISTRY_URL on all workers, then replay',
  });
}

function missingFrame(where: string, value: Uint8Array): MalformedRecord {
  return new MalformedRecord({
    what: 'record was not written with a Schema Registry',
    where,
    expected: 'a Confluent frame: a zero byte and the id of a schema ("stream.value" is "registry")',
    got: `${value.length} bytes that begin with ${value[0] ?? 'nothing'}`,
  });
}

function decodeAvro(where: string, schemaId: number, decode: () => unknown): unknown {
  try {
    return decode();
  } catch (cause) {
    throw new MalformedRecord({
      what: 'record cannot be decoded',
      where,
      expected: `a value of the Avro schema with id ${schemaId}`,
      got: (cause as Error).message.slice(0, MAX_SAMPLE_CHARS),
      cause,
    });
  }
}

function parseJson(where: string, value: Uint8Array): unknown {
  try {
    return JSON.parse(utf8.decode(value));
  } catch (cause) {
    const got = `${value.length} bytes`;
    throw new MalformedRecord({ what: 'record is not JSON', where, expected: EXPECTED, got, cause });
  }
}

function requireObject(where: string, parsed: unknown): object {
  if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return parsed;
  const got = sample(parsed);
  throw new MalformedRecord({ what: 'record is not an object', where, expected: EXPECTED, got });
}

function requireFinite(where: string, field: string, value: unknown): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  const what = value === undefined ? `"${field}" is missing` : `"${field}" is not a number`;
  throw new MalformedRecord({ what, where, expected: 'a finite number', got: sample(value) });
}

const MAX_SAMPLE_CHARS = 80;

function sample(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (typeof value === 'number') return String(value);
  return JSON.stringify(value).slice(0, MAX_SAMPLE_CHARS);
}

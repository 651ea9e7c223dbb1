import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MalformedRecord } from '../../../../src/domain/errors.ts';
import {
  frameOf,
  OWN_VALUES,
  schemaIdOf,
  withoutFrame,
  type ValueFormat,
  type ValueReader,
} from '../../../../src/domain/log/framed-value.ts';
import { createRatingParser, createRatingRecords } from '../../../../src/domain/log/rating-record.ts';
import { ratingTableOf } from '../../../support/unit/rating-table.ts';

const encoder = new TextEncoder();
const FEATURES = ['budget', 'cast.likes'];

function framed(schemaId: number, payload: string): Uint8Array {
  return Uint8Array.of(...frameOf(schemaId), ...encoder.encode(payload));
}

function parse(value: Uint8Array, format: ValueFormat) {
  const record = { partition: 3, offset: 17, timestamp: '0', key: null, value, headers: [] };
  const values = new Float64Array(FEATURES.length);
  const parsed = createRatingParser(
    'a1',
    { features: FEATURES, target: 'imdb_score' },
    format,
  )(record, values);
  return { ...parsed, values: [...values] };
}

function reading(reader: ValueReader): ValueFormat {
  return { readerOf: () => reader };
}

function decoding(value: unknown): ValueFormat {
  return reading({ format: 'avro', decode: () => value });
}

test('a frame has a zero byte and the id of the schema', () => {
  fc.assert(
    fc.property(fc.nat({ max: 2 ** 32 - 1 }), fc.string(), (schemaId, payload) => {
      expect(schemaIdOf(framed(schemaId, payload))).toBe(schemaId);
      expect(withoutFrame(framed(schemaId, payload))).toEqual(encoder.encode(payload));
    }),
  );
});

test.for([null, encoder.encode('{}'), Uint8Array.of(), Uint8Array.of(0), Uint8Array.of(0, 0, 0, 7)])(
  'nothing else has a frame: %s',
  (value) => {
    expect(schemaIdOf(value)).toBeUndefined();
  },
);

test('a record whose schema is not in memory says which one it needs', () => {
  expect(parse(framed(7, '{}'), { readerOf: () => undefined })).toMatchObject({ needs: 7 });
});

test.for(['{"budget":1,"cast":{"likes":2},"imdb_score":7}', '{"budget":1,"cast.likes":2,"imdb_score":7}'])(
  'framed JSON is read as plain JSON is: %s',
  (json) => {
    const expected = { actual: 7, rowId: Number.NaN, values: [1, 2] };

    expect(parse(encoder.encode(json), {})).toEqual(expected);
    expect(parse(framed(7, json), reading({ format: 'json' }))).toEqual(expected);
  },
);

test('a decoded record gives its fields by name and by path', () => {
  const value = { budget: 1, cast: { likes: 2, names: ['a'] }, imdb_score: null };

  expect(parse(framed(7, ''), decoding(value))).toEqual({
    actual: Number.NaN,
    rowId: Number.NaN,
    values: [1, 2],
  });
});

test('a field with the name of a path counts more than the path', () => {
  const value = { budget: 1, cast: { likes: 2 }, 'cast.likes': 3 };

  expect(parse(framed(7, ''), decoding(value)).values).toEqual([1, 3]);
});

test.for<[title: string, value: unknown, message: string]>([
  ['a missing field', { cast: { likes: 2 } }, '"budget" is missing'],
  ['null', { budget: null }, '"budget" is not a number [a1[3]@17]: expected a finite number, got null'],
  ['NaN', { budget: Number.NaN }, '"budget" is not a number [a1[3]@17]: expected a finite number, got NaN'],
  ['a boolean', { budget: true }, 'got true'],
  ['a text', { budget: '7' }, 'got "7"'],
  ['bytes', { budget: Buffer.alloc(1_000_000) }, 'got 1000000 bytes'],
  ['a record', { budget: { amount: 1 } }, 'got {"amount":1}'],
  ['null in place of a record', { budget: 1, cast: null }, '"cast.likes" is missing'],
  ['an array in place of a record', { budget: 1, cast: [{ likes: 2 }] }, '"cast.likes" is missing'],
  ['a number alone', 7, 'record is not an object'],
])('%s makes a bad record, as in JSON', ([, value, message]) => {
  const parsing = () => parse(framed(7, ''), decoding(value));

  expect(parsing).toThrow(MalformedRecord);
  expect(parsing).toThrow(message);
});

test('bytes that a schema does not describe make a bad record that names the schema', () => {
  const decode = () => {
    throw new Error('truncated buffer');
  };

  expect(() => parse(framed(7, 'x'), reading({ format: 'avro', decode }))).toThrow(
    'record cannot be decoded [a1[3]@17]: expected a value of the Avro schema with id 7, got truncated buffer',
  );
});

test('a schema that cannot be read says so', () => {
  const reason = { what: 'record is of type PROTOBUF, which is not read' };

  expect(() => parse(framed(7, ''), reading({ format: 'none', reason }))).toThrow(
    'record is of type PROTOBUF, which is not read [a1[3]@17]',
  );
});

test('without a registry, a framed record says what it is and which setting reads it', () => {
  const parsing = () => parse(framed(7, 'x'), {});

  expect(parsing).toThrow(/Confluent frame with schema id 7\. .*set SCHEMA_REGISTRY_URL/);
});

test('of a topic that is JSON, a framed record is bad and names the setting', () => {
  const parsing = () => parse(framed(7, '{}'), { ...reading({ format: 'json' }), value: 'json' });

  expect(parsing).toThrow(/Confluent frame with schema id 7\. .*"stream\.value": "json"/);
});

test('of a topic with a registry, a record without a frame is bad', () => {
  const format: ValueFormat = { ...reading({ format: 'json' }), value: 'registry' };

  expect(() => parse(encoder.encode('{"budget":1,"cast.likes":2}'), format)).toThrow(
    /record was not written with a Schema Registry .*got 27 bytes that begin with 123/,
  );
});

test('a run reads its own records back, framed or not, without a registry', () => {
  const table = {
    ...ratingTableOf([5]),
    features: FEATURES,
    columns: [Float64Array.of(1), Float64Array.of(2)],
  };
  for (const schemaId of [undefined, 0, 7, 2 ** 32 - 1]) {
    const { value } = createRatingRecords('run', 'batch', table, schemaId)(table, 0);

    expect(schemaIdOf(value)).toBe(schemaId);
    expect(parse(value, OWN_VALUES)).toMatchObject({
      values: [1, 2],
      actual: table.targets[0],
    });
  }
});

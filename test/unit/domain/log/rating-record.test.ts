import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MalformedRecord } from '../../../../src/domain/errors.ts';
import { createRatingParser, createRatingRecords } from '../../../../src/domain/log/rating-record.ts';
import {
  belongsTo,
  headerText,
  type LogRecord,
  type OutgoingRecord,
} from '../../../../src/domain/log/record.ts';
import { rowIdOfKey } from '../../../../src/domain/log/row-id.ts';
import { ratingTableOf, type RatingTable } from '../../../support/unit/rating-table.ts';

const encoder = new TextEncoder();
const PLACE = { partition: 3, offset: 17, timestamp: '1700000000000' };

/** The record as a broker returns it. */
function delivered({ key, value, headers }: OutgoingRecord): LogRecord {
  const bytes = (text: string | Uint8Array | null) =>
    typeof text === 'string' ? encoder.encode(text) : text;
  return {
    ...PLACE,
    key: bytes(key),
    value: bytes(value),
    headers: headers.map(([name, text]) => [name, bytes(text) as Uint8Array]),
  };
}

function withValue(value: string | Uint8Array | null): LogRecord {
  return delivered({ key: 'key', value, headers: [] });
}

function parse(record: LogRecord, features: readonly string[], target: string) {
  const values = new Float64Array(features.length);
  const parsed = createRatingParser('a1', { features, target })(record, values);
  if ('needs' in parsed) throw new Error('a schema is needed');
  return { ...parsed, values: [...values] };
}

const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
const columnName = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom('__proto__', 'toString', 'constructor', '7', 'imdb_score'),
);
const oneRowTable = fc
  .uniqueArray(fc.tuple(columnName, finite), { selector: ([name]) => name, minLength: 2 })
  .chain((columns) => fc.tuple(fc.constant(columns), fc.nat({ max: 2 ** 31 - 1 })))
  .map(([[[target, rating] = ['', 0], ...features], rowId]): RatingTable => ({
    features: features.map(([name]) => name),
    target,
    rowIds: Int32Array.of(rowId),
    keys: ['key'],
    labels: ['label'],
    columns: features.map(([, value]) => Float64Array.of(value)),
    targets: Float64Array.of(rating),
  }));

test('a row is read back bit for bit, whatever its doubles and column names', () => {
  fc.assert(
    fc.property(oneRowTable, (table) => {
      const record = delivered(createRatingRecords('run/1', 'stream', table)(table, 0));

      expect(parse(record, table.features, table.target)).toEqual({
        rowId: table.rowIds[0],
        values: table.columns.map(([value]) => (value as number) + 0),
        actual: (table.targets[0] as number) + 0,
      });
    }),
  );
});

test('values have the order of the requested features, not that of the JSON', () => {
  const record = withValue('{"imdb_score":7.5,"b":2,"more":"ignored","a":1}');

  expect(parse(record, ['a', 'b'], 'imdb_score')).toMatchObject({
    values: [1, 2],
    actual: 7.5,
  });
});

test.for(['{"a":1}', '{"a":1,"imdb_score":null}'])('a record without a rating is accepted: %s', (value) => {
  expect(parse(withValue(value), ['a'], 'imdb_score').actual).toBeNaN();
});

test.for([
  ['7', 7],
  ['9007199254740991', 2 ** 53 - 1],
  ['9007199254740992', Number.NaN],
  ['9'.repeat(400), Number.NaN],
  ['x7', Number.NaN],
  ['-7', Number.NaN],
  ['', Number.NaN],
] as const)('a row id is a number that a double holds exactly, or there is none: %s', ([text, rowId]) => {
  const record = delivered({ key: null, value: '{"a":1}', headers: [['row-id', text]] });

  expect(parse(record, ['a'], 'imdb_score').rowId).toBe(rowId);
});

test.for([
  ['run/1/stream/1200', 'stream/1', 1200],
  ['run/1/stream/1200', 'other/1', Number.NaN],
  ['run/1/stream/', 'stream/1', Number.NaN],
  ['1200', 'batch/1', 1200],
] as const)('the key %s with the schema %s names the row %s', ([key, schema, rowId]) => {
  const record = delivered({ key, value: '{"a":1}', headers: [['schema', schema]] });

  expect(parse(record, ['a'], 'imdb_score').rowId).toBe(rowId);
});

test('only the key that a run writes for a row is the key of that row', () => {
  const rowOf = rowIdOfKey('run/1', 'stream');
  const keyOf = (key: string) => rowOf(encoder.encode(key));

  expect([keyOf('run/1/stream/0'), keyOf('run/1/stream/1200')]).toEqual([0, 1200]);
  for (const other of ['run/1/batch/7', 'run/1/stream/', 'run/1/stream/07', 'run/1/stream/7 ', 'x', ''])
    expect(keyOf(other)).toBeUndefined();
});

test.for<[string, string | Uint8Array | null, string]>([
  ['no value', null, 'record has no value [a1[3]@17]: expected a JSON object'],
  [
    'an empty value',
    '',
    'record is not JSON [a1[3]@17]: expected a JSON object of feature values, got 0 bytes',
  ],
  ['text that is not JSON', '{"budget":', 'got 10 bytes'],
  ['bytes that are not UTF-8', new Uint8Array([0x22, 0xff, 0x22]), 'record is not JSON [a1[3]@17]'],
  [
    'an array',
    '[1,2]',
    'record is not an object [a1[3]@17]: expected a JSON object of feature values, got [1,2]',
  ],
  ['JSON null', 'null', 'got null'],
  ['a bare number', '7', 'got 7'],
  [
    'no such feature',
    '{"imdb_score":7}',
    '"budget" is missing [a1[3]@17]: expected a finite number, got nothing',
  ],
  [
    'text for a feature',
    '{"budget":"NA"}',
    '"budget" is not a number [a1[3]@17]: expected a finite number, got "NA"',
  ],
  ['a number in quotes', '{"budget":"7"}', 'got "7"'],
  [
    'a NaN that JSON made null',
    '{"budget":null}',
    '"budget" is not a number [a1[3]@17]: expected a finite number, got null',
  ],
  ['a boolean', '{"budget":true}', 'got true'],
  ['a number too large for a double', '{"budget":1e999}', '"budget" is not a number'],
  ['text for the rating', '{"budget":1,"imdb_score":"7"}', '"imdb_score" is not a number [a1[3]@17]'],
])('%s is a MalformedRecord that names place, field and value', ([, value, message]) => {
  const parsing = () => parse(withValue(value), ['budget'], 'imdb_score');

  expect(parsing).toThrow(MalformedRecord);
  expect(parsing).toThrow(message);
});

test.for(['toString', '__proto__', 'constructor'])(
  'a feature named like the object property %s is missing when the record has none',
  (feature) => {
    expect(() => parse(withValue('{}'), [feature], 'imdb_score')).toThrow(`"${feature}" is missing`);
    expect(parse(withValue('{"a":1}'), ['a'], feature).actual).toBeNaN();
  },
);

test('a long wrong value is cut in the message', () => {
  const value = JSON.stringify({ budget: 'x'.repeat(100_000) });

  expect(() => parse(withValue(value), ['budget'], 'imdb_score')).toThrow(/^.{0,200}$/);
});

test('a record names its run, split and row, so that runs can share a topic', () => {
  const record = delivered(createRatingRecords('run/1', 'batch', ratingTableOf([5]))(ratingTableOf([5]), 0));

  expect(belongsTo('run/1', 'batch')(record)).toBe(true);
  expect(belongsTo('run/1', 'stream')(record)).toBe(false);
  expect(belongsTo('run/2', 'batch')(record)).toBe(false);
  expect(belongsTo('run/1', 'batch')(withValue('{}'))).toBe(false);
  expect(['run-id', 'schema', 'row-id'].map((name) => headerText(record, name))).toEqual([
    'run/1',
    'batch/1',
    undefined,
  ]);
});

import { expect, onTestFinished, test } from 'vitest';
import { createRecordPacker } from '../../../../src/adapters/threads/record-packer.ts';
import { unpackRecords, type RecordForm } from '../../../../src/domain/log/packed-records.ts';
import { createRatingRecords, ratingHeaders } from '../../../../src/domain/log/rating-record.ts';
import type { OutgoingRecord } from '../../../../src/domain/log/record.ts';
import { numbersBelow, ratingTableOf } from '../../../support/unit/rating-table.ts';

const TABLE = ratingTableOf(numbersBelow(40_000));
const FEW = ratingTableOf(numbersBelow(100));
const FORM: RecordForm = { run: 'nightly/1', split: 'batch', schema: TABLE, schemaId: 7 };

const copyOf = ({ key, value, headers }: OutgoingRecord) => ({
  key: String(key),
  value: Buffer.from(value as Uint8Array).toString('latin1'),
  headers,
});

function openPacker() {
  const packer = createRecordPacker();
  onTestFinished(() => packer.close());
  return packer;
}

test.for([
  ['few', FEW],
  ['many', TABLE],
] as const)('records of %s rows are those of a row each, also of batches at once', async ([, table]) => {
  const packer = openPacker();
  const recordOf = createRatingRecords('nightly/1', 'batch', TABLE, 7);
  const expected = Array.from(table.rowIds, (_, row) => copyOf(recordOf(table, row)));

  const all = await Promise.all([packer.pack(FORM, table), packer.pack(FORM, table)]);

  for (const packed of all) {
    const found = Array.from(unpackRecords(packed, ratingHeaders('nightly/1', 'batch')), copyOf);
    expect(found).toEqual(expected);
  }
});

test('a batch without rows has no records', async () => {
  const none = { rowIds: new Int32Array(), columns: [new Float64Array()], targets: new Float64Array() };

  const packed = await openPacker().pack(FORM, none);

  expect([...unpackRecords(packed, [])]).toEqual([]);
});

test('many rows that wait when the worker stops are an error', async () => {
  const packer = openPacker();
  const waiting = expect(packer.pack(FORM, TABLE)).rejects.toThrow('the worker is stopping');

  await packer.close();

  await waiting;
});

import { expect } from 'vitest';
import { SchemaRegistryError } from '../../../../src/domain/errors.ts';
import { frameOf, schemaIdOf } from '../../../../src/domain/log/framed-value.ts';
import { manifestTotals } from '../../../../src/domain/log/offsets.ts';
import { parsePrediction } from '../../../../src/domain/log/prediction.ts';
import type { LogRecord } from '../../../../src/domain/log/record.ts';
import { rowsOf } from '../../../support/unit/tables/rows.ts';
import { TABLE, test, type PublishedStream } from './published-stream.ts';

/** Replaces the value of a record by one of a schema. */
function frame(records: LogRecord[], position: number, schemaId: number): void {
  const record = records[position] as LogRecord;
  records[position] = { ...record, value: Uint8Array.of(...frameOf(schemaId), ...(record.value ?? [])) };
}

async function rowIdsOf(
  { tables }: PublishedStream,
  { rows }: Awaited<ReturnType<PublishedStream['consume']>>,
) {
  return (await rowsOf(tables, rows)).map((row) => row['_row']);
}

test('records wait for their schema, and the rows have their order', async ({ stream }) => {
  stream.schemas.stored.set(7, { format: 'json' });
  for (const position of [0, 5]) frame(stream.records, position, 7);
  const first = await stream.consume({ select: 'all' });
  const second = await stream.consume({ select: 'all' });

  expect([first.deadLettered, first.read.records]).toEqual([0, manifestTotals(stream.published).records]);
  expect(await rowIdsOf(stream, first)).toEqual([...TABLE.rowIds]);
  // From memory.
  expect(second).toEqual(first);
});

test('a record of an unknown schema is dead-lettered, the others are read', async ({ stream }) => {
  stream.schemas.stored.set(7, { format: 'json' });
  frame(stream.records, 2, 7);
  frame(stream.records, 3, 99);
  const { deadLettered, read, rows } = await stream.consume({ select: 'all' });

  expect([deadLettered, rows.rows, read.records]).toEqual([1, TABLE.rowIds.length - 1, TABLE.rowIds.length]);
});

test('while the registry is away, a micro-batch fails and dead-letters nothing', async ({ stream }) => {
  stream.schemas.stored.set(7, { format: 'json' });
  frame(stream.records, 2, 7);
  stream.schemas.setAway(true);
  await expect(stream.consume({ select: 'all' })).rejects.toThrow(SchemaRegistryError);
  stream.schemas.setAway(false);

  expect((await stream.consume({ select: 'all' })).deadLettered).toBe(0);
});

test('a schema in memory is used while the registry is away', async ({ stream }) => {
  stream.schemas.stored.set(7, { format: 'json' });
  frame(stream.records, 2, 7);
  await stream.consume({ select: 'all' });
  stream.schemas.setAway(true);

  expect((await stream.consume({ select: 'all' })).deadLettered).toBe(0);
});

test('a worker without a registry dead-letters a framed record, or waits if told', async ({ stream }) => {
  frame(stream.records, 2, 7);

  expect((await stream.consumeAlone({ select: 'all' })).deadLettered).toBe(1);
  await expect(stream.consumeAlone({ select: 'all', value: 'registry' })).rejects.toThrow(
    SchemaRegistryError,
  );
});

test('a run reads its own framed records without a registry', async ({ stream }) => {
  stream.schemas.setAway(true);
  frame(stream.records, 2, 99);

  expect((await stream.consume()).deadLettered).toBe(0);
});

test('predictions are framed with the schema of the job, and are read as others', async ({ stream }) => {
  const consumed = await stream.consume();
  const { scored } = await stream.predict(consumed.rows);
  await stream.publish(consumed, scored, { predictionSchema: 12 });
  const written = stream.log.topics.get('a1.predictions') ?? [];

  expect(new Set(written.map(({ value }) => schemaIdOf(value)))).toEqual(new Set([12]));
  expect(written.map((record) => parsePrediction('a1.predictions', record).rowId)).toEqual([...TABLE.rowIds]);
});

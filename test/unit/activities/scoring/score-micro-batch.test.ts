import { expect } from 'vitest';
import {
  InvalidInput,
  MalformedRecord,
  ModelMismatch,
  TooManyBadRecords,
} from '../../../../src/domain/errors.ts';
import type { ArtifactRef } from '../../../../src/domain/artifact.ts';
import { championAlias } from '../../../../src/domain/names.ts';
import { manifestTotals, type OffsetRange } from '../../../../src/domain/log/offsets.ts';
import { fromDeadLetterBatch } from '../../../../src/domain/log/dead-letter-table.ts';
import type { DeadLetter } from '../../../../src/domain/log/dead-letter.ts';
import { parsePrediction } from '../../../../src/domain/log/prediction.ts';
import type { LogRecord } from '../../../../src/domain/log/record.ts';

import { rowsOf } from '../../../support/unit/tables/rows.ts';
import { MODEL, RUN, TABLE, test, type PublishedStream } from './published-stream.ts';

const GARBAGE = new Uint8Array([0xff, 0x00, 0x7b]);

function corrupt(records: LogRecord[], position: number): LogRecord {
  const corrupted = { ...(records[position] as LogRecord), value: GARBAGE };
  records[position] = corrupted;
  return corrupted;
}

type Consumed = Awaited<ReturnType<PublishedStream['consume']>>;

async function deadLettersOf({ tables }: PublishedStream, { deadLetters }: Consumed): Promise<DeadLetter[]> {
  const found: DeadLetter[] = [];
  if (!deadLetters) return found;
  for await (const batch of tables.read(deadLetters)) found.push(...fromDeadLetterBatch(batch));
  return found;
}

/** What the micro-batch has written to the topic of predictions, parsed. */
async function publishedBy(stream: PublishedStream, consumed: Consumed, scored: ArtifactRef) {
  await stream.publish(consumed, scored);
  const records = stream.log.topics.get('a1.predictions') ?? [];
  return records.map((record) => ({ key: record.key, ...parsePrediction('a1.predictions', record) }));
}

test('a micro-batch is read to its last record, with the totals that were published', async ({ stream }) => {
  const { rows, read, deadLettered } = await stream.consume();

  expect(deadLettered).toBe(0);
  expect(read).toEqual(manifestTotals(stream.published));
  expect((await rowsOf(stream.tables, rows)).map((row) => row['_row'])).toEqual([...TABLE.rowIds]);
});

test('a bad record is dead-lettered byte for byte and counts as read', async ({ stream }) => {
  const bad = corrupt(stream.records, 4);
  const consumed = await stream.consume();
  const { rows, read, deadLettered } = consumed;

  expect([read.records, deadLettered, rows.rows]).toEqual([12, 1, 11]);
  expect(await deadLettersOf(stream, consumed)).toEqual([
    {
      ...bad,
      errorType: 'MalformedRecord',
      errorMessage: expect.stringContaining(`record is not JSON [a1[0]@${bad.offset}]`) as string,
    },
  ]);
});

test('a micro-batch of too many bytes leaves the rest, the same at every attempt', async ({ stream }) => {
  const consume = (ranges: readonly OffsetRange[]) => stream.consume({ maxBytes: 500 }, ranges);
  const rowIds: unknown[] = [];
  let batches = 0;
  for (let ranges: readonly OffsetRange[] = stream.published.partitions; ranges.length > 0; batches += 1) {
    const { rows, rest = [] } = await consume(ranges);
    expect((await consume(ranges)).rows).toEqual(rows);
    rowIds.push(...(await rowsOf(stream.tables, rows)).map((row) => row['_row']));
    ranges = rest;
  }
  expect(batches).toBeGreaterThan(2);
  expect(rowIds).toEqual([...TABLE.rowIds]);
});

test('with onBadRecord "fail" a bad record fails the batch and names the place', async ({ stream }) => {
  const { offset } = corrupt(stream.records, 4);
  const failure = stream.consume({ onBadRecord: 'fail' });

  await expect(failure).rejects.toThrow(MalformedRecord);
  await expect(failure).rejects.toThrow(`[a1[0]@${offset}]`);
});

test.for([
  [0, 1, 'at most 0 %'],
  [0.25, 4, 'at most 25 %'],
] as const)(
  'with maxBadFraction %d, %d bad records of 12 fail the batch, naming the first',
  async ([maxBadFraction, bad, message], { stream }) => {
    for (let position = 1; position <= bad; position += 1) corrupt(stream.records, position);
    const failure = stream.consume({ maxBadFraction });

    await expect(failure).rejects.toThrow(TooManyBadRecords);
    await expect(failure).rejects.toThrow(`${message} (stream.maxBadFraction), got ${bad} of 12, the first:`);
    await expect(failure).rejects.toThrow(`[a1[0]@${stream.records[1]?.offset}]`);
  },
);

test('with maxBadFraction 0.25, 3 bad records of 12 are dead letters', async ({ stream }) => {
  for (const position of [0, 5, 11]) corrupt(stream.records, position);

  expect(await stream.consume({ maxBadFraction: 0.25 })).toMatchObject({ deadLettered: 3 });
});

test('a continuous stream reads every record, whatever its producer and its key', async ({ stream }) => {
  const { features } = TABLE;
  const value = new TextEncoder().encode(
    JSON.stringify(Object.fromEntries(features.map((name) => [name, 1]))),
  );
  const foreign = { partition: 0, timestamp: '0', value, headers: [] };
  // No text.
  const foreignKey = new Uint8Array([0xff, 0x00]);
  stream.records.splice(
    0,
    Infinity,
    { ...foreign, offset: 3, key: null },
    { ...foreign, offset: 5, key: foreignKey },
    { ...foreign, offset: 6, key: foreignKey },
  );

  const consumed = await stream.consume({ select: 'all' });
  const { scored } = await stream.predict(consumed.rows);
  const predictions = await publishedBy(stream, consumed, scored);

  expect(consumed.read.records).toBe(3);
  expect(predictions.map(({ key, source, rowId, actual }) => [key, source.offset, rowId, actual])).toEqual([
    [null, 3, null, null],
    [foreignKey, 5, null, null],
    [foreignKey, 6, null, null],
  ]);
});

test('every row gets the prediction of its values, with the model and its place', async ({ stream }) => {
  const consumed = await stream.consume();
  const { scored } = await stream.predict(consumed.rows);

  expect(await publishedBy(stream, consumed, scored)).toEqual(
    Array.from(TABLE.rowIds, (rowId, i) => ({
      key: new TextEncoder().encode(`${RUN}/stream/${rowId}`),
      rowId,
      prediction: TABLE.columns.reduce((sum, column) => sum + (column[i] as number), 0),
      actual: TABLE.targets[i],
      modelVersion: 'cafe',
      source: { topic: 'a1', partition: 0, offset: stream.records[i]?.offset },
    })),
  );
});

test('a micro-batch that follows a champion uses the one it began with throughout', async ({ stream }) => {
  const followed = { model: championAlias('imdb-score') };
  stream.promote('aaaaaaaaaaaa');
  const consumed = await stream.consume(followed);
  stream.promote('bbbbbbbbbbbb');
  const next = await stream.consume(followed);

  expect([consumed.model?.version, next.model?.version]).toEqual(['aaaaaaaaaaaa', 'bbbbbbbbbbbb']);
  const { scored } = await stream.follow(consumed);
  const predictions = await publishedBy(stream, consumed, scored);
  expect(new Set(predictions.map(({ modelVersion }) => modelVersion))).toEqual(new Set(['aaaaaaaaaaaa']));
});

test('a stream without a champion to follow fails and says how to get one', async ({ stream }) => {
  const failure = stream.consume({ model: championAlias('wine') });

  await expect(failure).rejects.toThrow(InvalidInput);
  await expect(failure).rejects.toThrow('no champion to score with [wine@champion]');
  await expect(failure).rejects.toThrow('promotion.model "wine"');
});

test('a stream with a fixed model does not ask the registry', async ({ stream }) => {
  stream.promote('aaaaaaaaaaaa');

  expect(await stream.consume()).not.toHaveProperty('model');
});

test('a batch of nothing but bad records is scored without an error', async ({ stream }) => {
  stream.records.forEach((_, position) => corrupt(stream.records, position));
  const consumed = await stream.consume();
  const { scored } = await stream.predict(consumed.rows);
  const { predictions, deadLetters } = await stream.publish(consumed, scored);

  expect([manifestTotals(predictions).records, manifestTotals(deadLetters).records]).toEqual([0, 12]);
});

test('a model of other features does not score the batch', async ({ stream }) => {
  const { rows } = await stream.consume();
  const other = { ...MODEL, features: ['budget', 'oscars'] };

  await expect(stream.predict(rows, other)).rejects.toThrow(ModelMismatch);
  await expect(stream.predict(rows, other)).rejects.toThrow('gone: oscars; new: duration');
});

test('predictions and dead letters are published together, once, whatever the retries', async ({
  stream,
}) => {
  const bad = corrupt(stream.records, 4);
  const consumed = await stream.consume();
  const { scored } = await stream.predict(consumed.rows);
  const first = await stream.publish(consumed, scored);

  expect(await stream.publish(consumed, scored)).toEqual(first);
  expect(manifestTotals(first.predictions).records).toBe(11);
  expect(manifestTotals(first.deadLetters).records).toBe(1);
  expect(stream.log.topics.get('a1.predictions')).toHaveLength(11);
  expect(stream.log.topics.get('a1.dead-letters')?.map(({ key, value }) => ({ key, value }))).toEqual([
    { key: bad.key, value: GARBAGE },
  ]);
});

import { expect, test as base } from 'vitest';
import { createConsumeSplit } from '../../../../src/activities/log/consume-split.ts';
import { createPublishSplit } from '../../../../src/activities/log/publish-split.ts';
import { createArrowTables } from '../../../../src/adapters/arrow/tables.ts';
import { MalformedRecord, ReconciliationError } from '../../../../src/domain/errors.ts';
import { createRatingRecords } from '../../../../src/domain/log/rating-record.ts';
import type { LogRecord } from '../../../../src/domain/log/record.ts';
import { runActivity } from '../../../support/unit/activity.ts';
import { createMemoryArtifacts } from '../../../support/unit/memory-artifacts.ts';
import { createMemoryLog, packer } from '../../../support/unit/memory-log.ts';
import { numbersBelow, ratingTableOf, storeRatingTable } from '../../../support/unit/rating-table.ts';
import { rowsOf } from '../../../support/unit/tables/rows.ts';

const RUN = 'nightly/1';
const TABLE = ratingTableOf(numbersBelow(20));

/** A topic that holds a batch split, and the activities that wrote it and can read it. */
const test = base.extend('published', async ({}) => {
  const log = createMemoryLog();
  const artifacts = createMemoryArtifacts();
  const tables = createArrowTables(artifacts);
  const table = await storeRatingTable(tables, RUN, 'batch', TABLE);
  const publish = async () =>
    runActivity(createPublishSplit({ packer, tables, publisher: log, schemas: undefined }), {
      run: RUN,
      split: 'batch',
      table,
      topic: 'a1',
    });
  const manifest = await publish();
  const consume = async () => {
    const activity = createConsumeSplit({ tables, reader: log });
    const { features, target } = TABLE;
    const { rows } = await runActivity(activity, { run: RUN, split: 'batch', manifest, features, target });
    return rowsOf(tables, rows);
  };
  return { log, manifest, publish, consume, records: log.topics.get('a1') as LogRecord[] };
});

test('a split is read back as it was published: every row, its values, its rating', async ({ published }) => {
  expect(await published.consume()).toEqual(
    Array.from(TABLE.rowIds, (rowId, i) => ({
      _row: rowId,
      _partition: 0,
      _offset: published.records[i]?.offset,
      _key: null,
      _actual: TABLE.targets[i],
      budget: TABLE.columns[0]?.[i],
      duration: TABLE.columns[1]?.[i],
    })),
  );
});

test('publishing a split creates the topics for predictions and dead letters too', ({ published }) => {
  expect([...published.log.topics.keys()].sort()).toEqual(['a1', 'a1.dead-letters', 'a1.predictions']);
});

test('a second attempt writes nothing and gives the same manifest', async ({ published }) => {
  expect(await published.publish()).toEqual(published.manifest);
  expect(published.records).toHaveLength(TABLE.rowIds.length);
});

test('records of other runs, splits or producers in between are ignored', async ({ published }) => {
  const { records, log, consume } = published;
  const plain = await consume();
  log.append('a1', createRatingRecords('other/1', 'batch', TABLE)(TABLE, 0));
  log.append('a1', createRatingRecords(RUN, 'stream', TABLE)(TABLE, 0));
  log.append('a1', { key: null, value: 'hello', headers: [] });
  // Into the middle of the published range.
  records.splice(
    5,
    0,
    ...records.splice(-3).map((record) => ({ ...record, offset: (records[5]?.offset ?? 0) - 1 })),
  );

  expect(await consume()).toEqual(plain);
});

test('a record that was copied with its key counts once', async ({ published }) => {
  const { records, consume } = published;
  const plain = await consume();
  records.splice(5, 0, records[4] as LogRecord);

  expect(await consume()).toEqual(plain);
});

test.for<[string, (records: LogRecord[]) => void]>([
  ['a lost record', (records) => void records.splice(7, 1)],
  [
    'a changed record',
    (records) => {
      const [record] = records.splice(7, 1) as [LogRecord];
      const value = new TextDecoder()
        .decode(record.value ?? undefined)
        .replace('"duration":', '"duration": ');
      records.push({ ...record, value: new TextEncoder().encode(value) });
    },
  ],
  [
    'an extra record',
    (records) => {
      const record = records[7] as LogRecord;
      records.splice(7, 0, { ...record, key: new TextEncoder().encode('another') });
    },
  ],
])('%s is a ReconciliationError that names the place and both counts', async ([, tamper], { published }) => {
  const { offsetFrom, offsetTo } = published.manifest.partitions[0] ?? { offsetFrom: 0, offsetTo: 0 };
  tamper(published.records);
  // Moved records stay inside the range.
  published.records.sort((a, b) => a.offset - b.offset);
  const failure = published.consume();

  await expect(failure).rejects.toThrow(ReconciliationError);
  await expect(failure).rejects.toThrow(
    new RegExp(
      `the batch split was not read back as it was published \\[a1\\[0\\]@${offsetFrom}\\.\\.${offsetTo - 1}\\]: ` +
        `expected 20 records with hash [0-9a-f]{32}, got (19|20|21) records with hash [0-9a-f]{32}`,
    ),
  );
});

test('a table with other columns is refused when its records are read', async () => {
  const log = createMemoryLog();
  const artifacts = createMemoryArtifacts();
  const tables = createArrowTables(artifacts);
  const table = await storeRatingTable(tables, RUN, 'batch', TABLE);
  const split = 'batch';
  const manifest = await runActivity(
    createPublishSplit({ packer, tables, publisher: log, schemas: undefined }),
    {
      run: RUN,
      split,
      table,
      topic: 'a1',
    },
  );
  const activity = createConsumeSplit({ tables, reader: log });
  const failure = runActivity(activity, {
    run: RUN,
    split,
    manifest,
    features: ['gross'],
    target: 'imdb_score',
  });

  await expect(failure).rejects.toThrow(MalformedRecord);
});

import { kill } from 'node:process';
import { expect } from 'vitest';
import type { RecordReader } from '../../../src/activities/log/record-log.ts';
import { fetchProgress } from '../../../src/adapters/kafka/marker.ts';
import { createContentHash } from '../../../src/domain/log/content-hash.ts';
import { manifestTotals, type TopicManifest } from '../../../src/domain/log/offsets.ts';
import { headerText } from '../../../src/domain/log/record.ts';
import { header } from '../../../src/domain/names.ts';
import { manyRows } from '../../support/log/many-rows.ts';
import { startPublishing } from '../../support/log/publishing-process.ts';
import { newNames, newTopic, test, UNWATCHED } from '../../support/log/record-log.ts';

const RUN = 'killed-publication';

/** Where each row is: `partition@offset`. */
async function readPlaces(reader: RecordReader, { topic, partitions }: TopicManifest) {
  const places = new Map<number, string>();
  const hash = createContentHash();
  let records = 0;
  await reader.readRanges({
    topic,
    ranges: partitions,
    ...UNWATCHED,
    onRecord(record) {
      records += 1;
      hash.add(record);
      places.set(Number(headerText(record, header.rowId)), `${record.partition}@${record.offset}`);
    },
  });
  return { places, records, contentHash: hash.value() };
}

async function hashOfRows(rows: number): Promise<string> {
  const hash = createContentHash();
  for await (const chunk of manyRows(RUN, rows)) for (const record of chunk) hash.add(record);
  return hash.value();
}

test('400,000 rows are published once each, although the first worker was killed', async ({
  environment,
  log,
}) => {
  const rows = 400_000;
  const names = newNames();
  const topic = await newTopic(environment, log);
  const plan = { names, topic, run: RUN, rows, signal: 'SIGKILL', atRows: 150_000 } as const;
  expect(await startPublishing(environment.env, plan).ended).toBe('SIGKILL');

  const killed = await log.admin.ask((admin) => fetchProgress(admin, names.markerGroup, topic));
  const committed = manifestTotals(killed.manifest).records;
  expect(killed.isComplete).toBe(false);
  expect(committed).toBeGreaterThan(100_000);
  expect(committed).toBeLessThan(150_000);
  const before = await readPlaces(log.reader, killed.manifest);

  const progress: number[] = [];
  const { manifest } = await log.publisher.publishRows({
    names,
    topic,
    chunks: manyRows(RUN, rows),
    ...UNWATCHED,
    onProgress: (published) => progress.push(published),
  });

  expect([progress[0], progress.at(-1)]).toEqual([committed, rows]);
  const after = await readPlaces(log.reader, manifest);
  expect(after.places.size).toBe(rows);
  expect({ records: after.records, contentHash: after.contentHash }).toEqual(manifestTotals(manifest));
  expect(after.contentHash).toBe(await hashOfRows(rows));
  expect(before.records).toBe(committed);
  expect([...before.places].filter(([row, place]) => after.places.get(row) !== place)).toEqual([]);
});

test('a worker that was stopped in a transaction is fenced by the one that continued', async ({
  environment,
  log,
}) => {
  const rows = 30_000;
  const names = newNames();
  const topic = await newTopic(environment, log);
  const plan = { names, topic, run: RUN, rows, signal: 'SIGSTOP', atRows: 12_000 } as const;
  const zombie = startPublishing(environment.env, plan);
  await zombie.stopped();

  let resumed: Promise<string> | undefined;
  const { manifest } = await log.publisher.publishRows({
    names,
    topic,
    chunks: {
      async *[Symbol.asyncIterator]() {
        let chunks = 0;
        for await (const chunk of manyRows(RUN, rows)) {
          chunks += 1;
          if (chunks === 4) {
            kill(zombie.pid, 'SIGCONT');
            resumed = zombie.ended;
            expect(await resumed).toMatch(/epoch|fenced/i);
          }
          yield chunk;
        }
      },
    },
    ...UNWATCHED,
  });

  expect(resumed).toBeDefined();
  const after = await readPlaces(log.reader, manifest);
  expect(after.places.size).toBe(rows);
  expect(after).toMatchObject({ ...manifestTotals(manifest), contentHash: await hashOfRows(rows) });
});

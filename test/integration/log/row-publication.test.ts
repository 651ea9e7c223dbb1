import { describe, expect, onTestFinished } from 'vitest';
import type { RowPublication } from '../../../src/activities/log/record-log.ts';
import { manifestTotals } from '../../../src/domain/log/offsets.ts';
import {
  createRecordLog,
  hashOf,
  keysOf,
  newRecords,
  newTopic,
  placesOf,
  publish,
  publishAborted,
  readAll,
  readSettled,
  test,
  UNWATCHED,
} from '../../support/log/record-log.ts';
import { abortedAfter, rowPublicationOf } from '../../support/log/row-publication.ts';

const ROWS = newRecords('row', 100);

describe('rows published in several transactions', () => {
  test('are continued where an aborted attempt was, and none is written again', async ({
    environment,
    log,
  }) => {
    const topic = await newTopic(environment, log);
    const publication = rowPublicationOf(topic, ROWS, 20);
    await expect(log.publisher.publishRows(abortedAfter(publication, 55))).rejects.toThrow('aborted');
    const before = await readSettled(environment, topic);
    expect(keysOf(before)).toEqual(keysOf(ROWS.slice(0, 40)));
    expect(await log.publisher.findPublished(publication.names, [topic])).toBeUndefined();

    const progress: number[] = [];
    const { manifest, alreadyPublished } = await log.publisher.publishRows({
      ...publication,
      onProgress: (rows) => progress.push(rows),
    });

    expect(alreadyPublished).toBe(false);
    expect([progress[0], progress.at(-1)]).toEqual([40, 100]);
    const found = await readSettled(environment, topic);
    expect(keysOf(found)).toEqual(keysOf(ROWS));
    expect(placesOf(found)).toEqual(expect.arrayContaining(placesOf(before)));
    expect(manifestTotals(manifest)).toEqual({ records: 100, contentHash: hashOf(found) });
    expect(await log.publisher.findPublished(publication.names, [topic])).toEqual([manifest]);
    expect(await log.publisher.publishRows(publication)).toEqual({ manifest, alreadyPublished: true });
    expect(await readSettled(environment, topic)).toHaveLength(100);
  });

  test('are read back by their manifest, among aborted and foreign records', async ({ environment, log }) => {
    const topic = await newTopic(environment, log);
    const publication = rowPublicationOf(topic, ROWS, 20);
    await expect(log.publisher.publishRows(abortedAfter(publication, 55))).rejects.toThrow('aborted');
    await publishAborted(log, topic, 'aborted', 30);
    await publish(log, topic, 'foreign', 30);
    const { manifest } = await log.publisher.publishRows(publication);

    const read = await readAll(log.reader, { topic, ranges: manifest.partitions, ...UNWATCHED });

    expect(keysOf(read).filter((key) => key.startsWith('aborted'))).toEqual([]);
    expect(keysOf(read).filter((key) => key.startsWith('row'))).toEqual(keysOf(ROWS));
  });

  test('are not continued with a table whose published rows have changed', async ({ environment, log }) => {
    const topic = await newTopic(environment, log);
    const publication = rowPublicationOf(topic, ROWS, 20);
    await expect(log.publisher.publishRows(abortedAfter(publication, 55))).rejects.toThrow('aborted');

    const changed = ROWS.map((row, i) => (i === 7 ? { ...row, value: 'changed' } : row));
    const { chunks } = rowPublicationOf(topic, changed, 20);
    await expect(log.publisher.publishRows({ ...publication, chunks })).rejects.toMatchObject({
      name: 'ReconciliationError',
      message: expect.stringContaining('start a new run') as unknown,
    });

    expect(await readSettled(environment, topic)).toHaveLength(40);
  });

  test('are none, and the publication has its marker too', async ({ environment, log }) => {
    const publication = rowPublicationOf(await newTopic(environment, log), [], 20);
    const { manifest, alreadyPublished } = await log.publisher.publishRows(publication);
    expect(alreadyPublished).toBe(false);
    expect(manifest.partitions).toEqual([]);
    expect(await log.publisher.publishRows(publication)).toEqual({ manifest, alreadyPublished: true });
  });
});

/** The same publication, which waits before it cuts its n-th transaction. */
function heldBefore(publication: RowPublication, transaction: number) {
  let release = (): void => undefined;
  let noteHeld = (): void => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  const held = new Promise<void>((resolve) => (noteHeld = resolve));
  const chunks: RowPublication['chunks'] = {
    async *[Symbol.asyncIterator]() {
      let cut = 0;
      for await (const chunk of publication.chunks) {
        cut += 1;
        if (cut === transaction) {
          noteHeld();
          await released;
        }
        yield chunk;
      }
    },
  };
  return { publication: { ...publication, chunks }, held, release };
}

/** While the broker begins or ends a transaction of the later attempt, it says that before it looks at the epoch. */
const REFUSED = /epoch|fenced|CONCURRENT_TRANSACTIONS/i;

describe('a zombie between two transactions', () => {
  test('writes nothing more after another attempt has begun', async ({ environment, log }) => {
    const topic = await newTopic(environment, log);
    const zombie = createRecordLog(environment.config.kafka);
    onTestFinished(() => zombie.close());
    const publication = rowPublicationOf(topic, ROWS, 20);
    const first = heldBefore(publication, 3);
    const second = heldBefore(publication, 4);

    const late = zombie.publisher.publishRows(first.publication);
    await first.held;
    const retried = log.publisher.publishRows(second.publication);
    await second.held;
    first.release();
    await expect(late).rejects.toThrow(REFUSED);
    second.release();
    const { manifest } = await retried;

    const found = await readSettled(environment, topic);
    expect(keysOf(found)).toEqual(keysOf(ROWS));
    expect(manifestTotals(manifest)).toEqual({ records: 100, contentHash: hashOf(found) });
  });

  test('writes nothing more after another attempt has finished', async ({ environment, log }) => {
    const topic = await newTopic(environment, log);
    const zombie = createRecordLog(environment.config.kafka);
    onTestFinished(() => zombie.close());
    const publication = rowPublicationOf(topic, ROWS, 20);
    const first = heldBefore(publication, 3);

    const late = zombie.publisher.publishRows(first.publication);
    await first.held;
    const { manifest } = await log.publisher.publishRows(publication);
    first.release();
    await expect(late).rejects.toThrow(REFUSED);

    expect(keysOf(await readSettled(environment, topic))).toEqual(keysOf(ROWS));
    expect(await log.publisher.findPublished(publication.names, [topic])).toEqual([manifest]);
  });
});

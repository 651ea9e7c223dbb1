import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  publishRows,
  type RowAttempt,
  type RowBuffer,
} from '../../../../src/adapters/kafka/row-publisher.ts';
import { contentHashOf } from '../../../../src/domain/log/content-hash.ts';
import { manifestTotals } from '../../../../src/domain/log/offsets.ts';
import { unpublished, type PublicationProgress } from '../../../../src/domain/log/publication.ts';
import type { OutgoingRecord } from '../../../../src/domain/log/record.ts';

const TOPIC = 'a1';

interface ModelBuffer extends RowBuffer {
  readonly rows: OutgoingRecord[];
}

/** A broker with one partition: the records and the marker of a transaction become visible together. */
function createModelBroker(rowBytes: number) {
  const log: OutgoingRecord[] = [];
  let marker: PublicationProgress = unpublished(TOPIC);
  let newest = 0;
  let transactions = 0;
  return {
    log,
    marker: () => marker,
    transactions: () => transactions,
    /** @param step is awaited before each effect, and after a commit: what throws there crashes the attempt */
    attempt(step: () => Promise<void>): RowAttempt<ModelBuffer> {
      let epoch = 0;
      const requireNotFenced = (): void => {
        if (epoch !== newest) throw new Error('fenced');
      };
      return {
        async begin() {
          await step();
          epoch = newest += 1;
          await step();
          return marker;
        },
        createBuffer() {
          const rows: OutgoingRecord[] = [];
          return {
            rows,
            get bytes() {
              return rows.length * rowBytes;
            },
            add: (row) => rows.push(row),
          };
        },
        async commit({ rows }, toMarker, onSent) {
          await step();
          requireNotFenced();
          if (rows.length > 0) onSent(rows.length);
          await step();
          requireNotFenced();
          const offsetFrom = log.length;
          log.push(...rows);
          const contentHash = contentHashOf(rows);
          const range = { partition: 0, offsetFrom, offsetTo: log.length };
          const partitions = rows.length === 0 ? [] : [{ ...range, records: rows.length, contentHash }];
          marker = toMarker({ topic: TOPIC, partitions });
          transactions += 1;
          await step();
          return marker;
        },
      };
    },
  };
}

type ModelBroker = ReturnType<typeof createModelBroker>;

const rowsOf = (count: number): OutgoingRecord[] =>
  Array.from({ length: count }, (_, row) => ({ key: `row-${row}`, value: `${row}`, headers: [] }));

async function* inChunks(rows: readonly OutgoingRecord[], size: number) {
  for (let from = 0; from < rows.length; from += size) yield rows.slice(from, from + size);
}

interface Attempt {
  readonly chunkRows: number;
  /** The step at which it crashes; most attempts have fewer. */
  readonly crashAt: number;
}

function publish(
  broker: ModelBroker,
  rows: readonly OutgoingRecord[],
  { chunkRows, crashAt }: Attempt,
  pause: () => Promise<void> = () => Promise.resolve(),
  onProgress: (rows: number) => void = () => undefined,
) {
  let steps = 0;
  const step = async (): Promise<void> => {
    if (steps === crashAt) throw new Error('crashed');
    steps += 1;
    await pause();
  };
  const { signal } = new AbortController();
  const chunks = inChunks(rows, chunkRows);
  return publishRows(broker.attempt(step), { chunks, signal, onProgress });
}

const anyAttempt = fc.record({ chunkRows: fc.integer({ min: 1, max: 9 }), crashAt: fc.nat({ max: 25 }) });
const NEVER = Infinity;
/** 1.6 MB a row: the first two transactions hold three, a later one ten. */
const ROW_BYTES = 1_600_000;

describe('rows published in several transactions', () => {
  test('are in the topic once and in order, wherever attempts crash or overlap', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.nat({ max: 40 }),
        fc.array(anyAttempt, { maxLength: 6 }),
        anyAttempt,
        async (scheduler, count, attempts, last) => {
          const rows = rowsOf(count);
          const broker = createModelBroker(ROW_BYTES);
          const pause = () => scheduler.schedule(Promise.resolve());

          const ends = attempts.map((attempt) =>
            publish(broker, rows, attempt, pause).catch(() => undefined),
          );
          await scheduler.waitFor(Promise.all(ends));
          expect(broker.log).toEqual(rows.slice(0, broker.log.length));
          const published = await publish(broker, rows, { ...last, crashAt: NEVER });

          expect(broker.log).toEqual(rows);
          expect(broker.marker()).toEqual({ manifest: published.manifest, isComplete: true });
          expect(manifestTotals(published.manifest)).toEqual({
            records: count,
            contentHash: contentHashOf(rows),
          });
        },
      ),
    );
  });

  test('are not written again by a call after the last transaction', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: 20 }), anyAttempt, async (count, attempt) => {
        const broker = createModelBroker(ROW_BYTES);
        const first = await publish(broker, rowsOf(count), { ...attempt, crashAt: NEVER });
        const written = broker.transactions();

        const second = await publish(broker, rowsOf(count), { ...attempt, crashAt: NEVER });

        expect(first.alreadyPublished).toBe(false);
        expect(second).toEqual({ manifest: first.manifest, alreadyPublished: true });
        expect(broker.transactions()).toBe(written);
      }),
    );
  });

  test.for([
    ['no rows', 0, 1],
    ['one chunk', 2, 1],
    ['exactly three chunks', 6, 3],
    ['three chunks and a row', 7, 4],
  ] as const)('of %s take as many transactions as chunks, and at least one', async ([, count, expected]) => {
    const broker = createModelBroker(1);
    await publish(broker, rowsOf(count), { chunkRows: 2, crashAt: NEVER });
    expect(broker.transactions()).toBe(expected);
    expect(broker.marker().isComplete).toBe(true);
  });

  test('of a large chunk are cut by bytes', async () => {
    const broker = createModelBroker(ROW_BYTES);
    await publish(broker, rowsOf(40), { chunkRows: 40, crashAt: NEVER });
    // 3 + 3 + 10 + 10 + 10 + 4 rows
    expect(broker.transactions()).toBe(6);
  });

  test('are counted from where the earlier attempts were', async () => {
    const broker = createModelBroker(1);
    const crashed = publish(broker, rowsOf(6), { chunkRows: 2, crashAt: 8 });
    await expect(crashed).rejects.toThrow('crashed');

    const progress: number[] = [];
    const pause = () => Promise.resolve();
    await publish(broker, rowsOf(6), { chunkRows: 2, crashAt: NEVER }, pause, (rows) => progress.push(rows));

    expect(progress).toEqual([4, 6]);
  });

  test('are read on while a transaction is under way, one buffer ahead', async () => {
    const broker = createModelBroker(ROW_BYTES);
    let given = 0;
    const rows = rowsOf(20);
    const readAhead: number[] = [];
    const attempt = broker.attempt(() => Promise.resolve());
    const commit = attempt.commit.bind(attempt);
    attempt.commit = async (buffer, toMarker, onSent) => {
      for (let turns = 0; turns < 100; turns += 1) await setImmediate();
      readAhead.push(given);
      return commit(buffer, toMarker, onSent);
    };
    async function* counted() {
      for (const row of rows) {
        given += 1;
        yield [row];
      }
    }
    const { signal } = new AbortController();

    await publishRows(attempt, { chunks: counted(), signal, onProgress: () => undefined });

    // A chunk of one row is a transaction: one is sent, the next is full, and the row after it waits.
    expect(readAhead.slice(0, 3)).toEqual([3, 4, 5]);
    expect(broker.log).toEqual(rows);
  });
});

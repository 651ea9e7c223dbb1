import { createHash, randomBytes } from 'node:crypto';
import { CompressionTypes } from 'kafkajs';
import { describe, expect } from 'vitest';
import type { OutgoingRecord } from '../../../src/domain/log/record.ts';
import {
  keysOf,
  newTopic,
  placesOf,
  publicationOf,
  readAll,
  readSettled,
  test,
  UNWATCHED,
} from '../../support/log/record-log.ts';

/** Of a size that takes several blocks of every codec; some are alike, some cannot be compressed. */
function records(count: number): OutgoingRecord[] {
  return Array.from({ length: count }, (_, i) => ({
    key: `row-${i}`,
    value: i % 3 === 0 ? randomBytes(2_000) : `{"budget": ${i}}`.padEnd(2_000),
    headers: [['trace', randomBytes(8)]],
  }));
}

describe('a compressed topic', () => {
  test.for(['gzip', 'snappy', 'lz4', 'zstd'])(
    'with %s gives the project’s own records back, byte for byte',
    async (compression, { environment, log, admin }) => {
      const topic = environment.newTopic();
      const configEntries = [{ name: 'compression.type', value: compression }];
      await admin.createTopics({
        topics: [{ topic, numPartitions: 2, configEntries }],
        waitForLeaders: true,
      });
      const sent = records(900);
      const { manifests } = await log.publisher.publishOnce(publicationOf({ topic, records: sent }));
      const ranges = manifests[0]?.partitions ?? [];

      const read = await readAll(log.reader, { topic, ranges, ...UNWATCHED });

      expect(keysOf(read)).toEqual(keysOf(sent));
      const byKey = new Map(read.map((record) => [String(record.key), record]));
      for (const { key, value, headers } of sent) {
        const found = byKey.get(key as string);
        expect(Buffer.from(value as string).equals(found?.value ?? Buffer.alloc(0))).toBe(true);
        expect(found?.headers).toEqual(headers);
      }
      // From the middle of a batch.
      const tail = ranges.map((range) => ({ ...range, offsetFrom: range.offsetTo - 5 }));
      const last = await readAll(log.reader, { topic, ranges: tail, ...UNWATCHED });
      expect(placesOf(last)).toEqual(
        placesOf(
          read.filter(({ partition, offset }) =>
            tail.some((range) => range.partition === partition && range.offsetFrom <= offset),
          ),
        ),
      );
    },
  );
});

describe('a batch that inflates to far more than memory should hold', () => {
  const BOMB_BYTES = 300_000_000;

  test('gives its other records, and of the large one the beginning, length and hash', async ({
    environment,
    log,
    producer,
  }) => {
    const topic = await newTopic(environment, log);
    const bomb = Buffer.alloc(BOMB_BYTES, ' ');
    const sha256 = createHash('sha256').update(bomb).digest('hex');
    await producer.send({
      topic,
      compression: CompressionTypes.GZIP,
      messages: [
        { partition: 0, key: 'before', value: '{}' },
        { partition: 0, key: 'bomb', value: bomb, headers: { trace: 'a' } },
        { partition: 0, key: 'after', value: '{}' },
      ],
    });
    const before = process.memoryUsage().rss;
    let peak = before;

    const read = await readAll(log.reader, {
      topic,
      ranges: [{ partition: 0, offsetFrom: 0, offsetTo: 3 }],
      signal: UNWATCHED.signal,
      onProgress: () => {
        peak = Math.max(peak, process.memoryUsage().rss);
      },
    });

    expect(read.map(({ key }) => String(key))).toEqual(['before', 'bomb', 'after']);
    const [, large] = read;
    expect(large?.cut).toEqual({ value: { bytes: BOMB_BYTES, sha256 } });
    expect(large?.value?.length).toBeLessThan(1_000_000);
    expect(large?.headers).toEqual([['trace', Buffer.from('a')]]);
    expect(peak - before).toBeLessThan(BOMB_BYTES / 2);
  });

  test('is read piece by piece if it has many records, each once', async ({ environment, log, producer }) => {
    const topic = await newTopic(environment, log);
    const value = Buffer.alloc(1_000_000, ' ');
    const messages = Array.from({ length: 150 }, (_, i) => ({ partition: 0, key: `row-${i}`, value }));
    await producer.send({ topic, compression: CompressionTypes.GZIP, messages });

    const read = await readAll(log.reader, {
      topic,
      ranges: [{ partition: 0, offsetFrom: 10, offsetTo: 150 }],
      ...UNWATCHED,
    });

    expect(read.map(({ offset }) => offset)).toEqual(Array.from({ length: 140 }, (_, i) => 10 + i));
    expect(read.every((record) => value.equals(record.value ?? Buffer.alloc(0)))).toBe(true);
    expect(await readSettled(environment, topic)).toHaveLength(150);
  });
});

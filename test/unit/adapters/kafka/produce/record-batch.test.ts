import { createRequire } from 'node:module';
import fc from 'fast-check';
import { Partitioners } from 'kafkajs';
import { describe, expect, test } from 'vitest';
import { parseBatches, visitRecords } from '../../../../../src/adapters/kafka/fetch/record-batch.ts';
import { crc32c } from '../../../../../src/adapters/kafka/produce/crc32c.ts';
import { partitionOf } from '../../../../../src/adapters/kafka/produce/partition.ts';
import {
  BatchMemory,
  encodeHeaders,
  RecordBatch,
} from '../../../../../src/adapters/kafka/produce/record-batch.ts';
import type { LogRecord } from '../../../../../src/domain/log/record.ts';

const require = createRequire(import.meta.url);
const bytes = fc.uint8Array({ maxLength: 200 });
const anyRecord = fc.record({
  key: fc.option(bytes),
  value: fc.option(bytes),
  headers: fc.array(fc.tuple(fc.string({ unit: 'grapheme' }), bytes), { maxLength: 3 }),
});
type AnyRecord = Pick<LogRecord, 'key' | 'value' | 'headers'>;
const PRODUCER = { producerId: 2n ** 40n, producerEpoch: 3, firstSequence: 70_000, isTransactional: true };

function batchOf(records: readonly AnyRecord[], memory?: BatchMemory): RecordBatch {
  const batch = new RecordBatch(memory);
  for (const { key, value, headers } of records) batch.append(key, value, encodeHeaders(headers));
  return batch;
}

function encoded(batch: RecordBatch): Buffer {
  const { memory, start, end } = batch.encode(PRODUCER);
  return memory.subarray(start, end);
}

/** As the broker hands it out. */
async function readBack(batch: RecordBatch): Promise<LogRecord[]> {
  const [parsed] = [...parseBatches(encoded(batch))];
  const found: LogRecord[] = [];
  if (parsed === undefined) throw new Error('no batch');
  await visitRecords(0, parsed, 0, (record) => {
    found.push(record);
    return true;
  });
  return found;
}

const plain = ({ key, value, headers }: AnyRecord) => ({
  key: key && [...key],
  value: value && [...value],
  headers: headers.map(([name, header]) => [name, [...header]]),
});

describe('an encoded batch', () => {
  test('holds every record byte for byte, in order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyRecord, { minLength: 1, maxLength: 200 }), async (records) => {
        const found = await readBack(batchOf(records));

        expect(found.map(plain)).toEqual(records.map(plain));
        expect(found.map(({ offset }) => offset)).toEqual(records.map((_, i) => i));
      }),
    );
  });

  test('holds nothing of the batch whose memory it was given', async () => {
    const memory = new BatchMemory();
    const used = batchOf([{ key: null, value: new Uint8Array(100_000).fill(7), headers: [] }], memory);
    const firstBytes = encoded(used);
    used.release();
    const record: AnyRecord = { key: Uint8Array.of(1), value: Uint8Array.of(2), headers: [] };

    const batch = batchOf([record], memory);

    expect(encoded(batch).buffer).toBe(firstBytes.buffer);
    expect((await readBack(batch)).map(plain)).toEqual([record].map(plain));
  });

  test('is left as it was sent when it is sent again', () => {
    const batch = batchOf([{ key: null, value: Uint8Array.of(1), headers: [] }]);
    const first = encoded(batch);
    const sent = Buffer.from(first);

    const again = batch.encode({ ...PRODUCER, producerEpoch: 4 });
    again.memory.fill(0);

    expect(first.equals(sent)).toBe(true);
  });

  test('has the bytes that kafkajs writes', async () => {
    const { RecordBatch: encode } = require('kafkajs/src/protocol/recordBatch/v0/index.js') as {
      RecordBatch: (batch: object) => Promise<{ readonly buffer: Buffer }>;
    };
    const encodeRecord = require('kafkajs/src/protocol/recordBatch/record/v0/index.js') as (
      record: object,
    ) => object;
    const Long = require('kafkajs/src/utils/long.js') as { fromValue: (text: string) => object };
    await fc.assert(
      fc.asyncProperty(fc.array(anyRecord, { minLength: 1, maxLength: 100 }), async (records) => {
        const ours = encoded(batchOf(records));
        const firstTimestamp = Number(ours.readBigInt64BE(27));
        const theirs = await encode({
          records: records.map(({ key, value, headers }, offsetDelta) =>
            encodeRecord({
              offsetDelta,
              key: key && Buffer.from(key),
              value: value && Buffer.from(value),
              // Names may be equal, which an object cannot hold.
              headers:
                headers.length === 1
                  ? Object.fromEntries([
                      [String(headers[0]?.[0]), headers.map(([, header]) => Buffer.from(header))],
                    ])
                  : {},
            }),
          ),
          firstTimestamp,
          maxTimestamp: firstTimestamp,
          ...PRODUCER,
          producerId: Long.fromValue(String(PRODUCER.producerId)),
          transactional: true,
          lastOffsetDelta: records.length - 1,
        });

        fc.pre(records.every(({ headers }) => headers.length < 2));
        expect(ours.equals(theirs.buffer)).toBe(true);
      }),
    );
  });

  test('is split into batches that fit, or hold one record', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyRecord, { minLength: 1, maxLength: 60 }),
        fc.integer({ min: 1, max: 4_000 }),
        async (records, limit) => {
          const parts = batchOf(records).split(limit);
          const found: LogRecord[] = [];
          for (const part of parts) found.push(...(await readBack(part)));

          expect(parts.every(({ size, records: count }) => size <= limit || count === 1)).toBe(true);
          expect(found.map(plain)).toEqual(records.map(plain));
        },
      ),
    );
  });
});

test('the checksum is CRC-32C, whatever the length', () => {
  const naive = (all: Uint8Array): number => {
    let crc = -1;
    for (const byte of all) {
      crc ^= byte;
      for (let bit = 0; bit < 8; bit += 1) crc = (crc & 1) === 0 ? crc >>> 1 : (crc >>> 1) ^ 0x82f6_3b78;
    }
    return ~crc >>> 0;
  };

  expect(crc32c(Buffer.from('123456789'))).toBe(0xe306_9283);
  fc.assert(
    fc.property(bytes, (all) => {
      expect(crc32c(all)).toBe(naive(all));
    }),
  );
});

test('a key goes to the partition that kafkajs and Java clients choose', () => {
  const choose = Partitioners.DefaultPartitioner();
  fc.assert(
    fc.property(bytes, fc.integer({ min: 1, max: 100 }), (key, partitions) => {
      const partitionMetadata = Array.from({ length: partitions }, (_, partitionId) => ({
        partitionErrorCode: 0,
        partitionId,
        leader: 1,
        replicas: [1],
        isr: [1],
      }));
      const message = { key: Buffer.from(key), value: null };

      expect(partitionOf(key, partitions)).toBe(choose({ topic: 'a1', partitionMetadata, message }));
    }),
  );
});

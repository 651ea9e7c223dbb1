import { createRequire } from 'node:module';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { visitRecords } from '../../../../../src/adapters/kafka/fetch/record-batch.ts';
import {
  installFetchDecoder,
  OWN_DECODER,
  type FetchedBatches,
} from '../../../../../src/adapters/kafka/fetch/response.ts';
import type { LogRecord } from '../../../../../src/domain/log/record.ts';

interface Decoded {
  readonly responses: readonly {
    readonly partitions: readonly { readonly messages: readonly FetchedBatches[] }[];
  }[];
}

/** As kafkajs calls it. */
async function decode(batches: Buffer, fetchOffset = 0): Promise<FetchedBatches | undefined> {
  installFetchDecoder();
  const fetch = createRequire(import.meta.url)('kafkajs/src/protocol/requests/fetch/index.js') as {
    protocol: (wanted: { version: number }) => (request: object) => {
      response: { decode: (raw: Buffer) => Promise<Decoded> };
    };
  };
  const partitions = [{ partition: 0, fetchOffset: String(fetchOffset), maxBytes: 1 }];
  const request = {
    maxWaitTime: 1,
    minBytes: 1,
    maxBytes: 1,
    topics: [{ topic: 'a1', partitions }],
    rackId: OWN_DECODER,
  };
  const { responses } = await fetch.protocol({ version: 11 })(request).response.decode(responseOf(batches));
  return responses[0]?.partitions[0]?.messages[0];
}

/** Until the visitor returns false. */
async function read(
  fetched: FetchedBatches | undefined,
  from = 0,
  visit: (record: LogRecord) => boolean = () => true,
): Promise<LogRecord[]> {
  const records: LogRecord[] = [];
  for (const batch of fetched?.batches ?? [])
    await visitRecords(0, batch, from, (record) => {
      records.push(record);
      return visit(record);
    });
  return records;
}

function responseOf(batches: Buffer): Buffer {
  // Throttle time, error and session; one topic; one partition, its error, its offsets, and aborted transactions: none.
  const header = Buffer.alloc(56);
  header.writeInt32BE(1, 10);
  header.writeInt16BE(2, 14);
  header.write('a1', 16);
  header.writeInt32BE(1, 18);
  const preferredReplica = Buffer.alloc(4, 0xff);
  const length = Buffer.alloc(4);
  length.writeInt32BE(batches.length);
  return Buffer.concat([header, preferredReplica, length, batches]);
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value < 0 ? -2 * value - 1 : 2 * value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return [...bytes, rest];
}

/** A record with a value and a header without one, and neither key nor timestamp. */
function recordOf(offsetDelta: number, value: string): Buffer {
  const place = [0, 0, ...varint(offsetDelta), ...varint(-1), ...varint(value.length)];
  const headers = [...varint(1), ...varint(1), 0x68, ...varint(-1)];
  const body = Buffer.concat([Buffer.from(place), Buffer.from(value), Buffer.from(headers)]);
  return Buffer.concat([Buffer.from(varint(body.length)), body]);
}

interface BatchOptions {
  readonly codec?: number;
  /** Compaction may have removed the last ones. */
  readonly lastOffsetDelta?: number;
  readonly records?: number;
}

function batchOf(baseOffset: number, body: readonly Buffer[], options: BatchOptions = {}): Buffer {
  const { codec = 0, records = body.length, lastOffsetDelta = records - 1 } = options;
  const header = Buffer.alloc(61);
  const bytes = Buffer.concat(body);
  header.writeBigInt64BE(BigInt(baseOffset));
  header.writeInt32BE(header.length - 12 + bytes.length, 8);
  header.writeInt8(2, 16);
  header.writeInt16BE(codec, 21);
  header.writeInt32BE(lastOffsetDelta, 23);
  header.writeInt32BE(records, 57);
  return Buffer.concat([header, bytes]);
}

const valuesOf = (records: readonly LogRecord[]) =>
  records.map(({ offset, value }) => `${offset} ${String(value)}`);

test('a fetch within a batch gives what follows, and a cut-off batch nothing', async () => {
  const whole = batchOf(10, [recordOf(0, 'a'), recordOf(1, 'b'), recordOf(2, 'c')]);
  const cutOff = batchOf(13, [recordOf(0, 'd')]).subarray(0, -1);

  const fetched = await decode(Buffer.concat([whole, cutOff]), 11);
  const records = await read(fetched, 11);

  expect(fetched?.offset).toBe('12');
  expect(valuesOf(records)).toEqual(['11 b', '12 c']);
  expect(records.map(({ headers }) => headers)).toEqual([[['h', Buffer.alloc(0)]], [['h', Buffer.alloc(0)]]]);
});

test('a batch whose last records were compacted away counts as seen to its end', async () => {
  const fetched = await decode(batchOf(10, [recordOf(3, 'a')], { lastOffsetDelta: 9 }));

  expect(fetched?.offset).toBe('19');
  expect(valuesOf(await read(fetched))).toEqual(['13 a']);
});

test('a batch that cannot be inflated does not keep the next one from being read', async () => {
  const unknown = batchOf(10, [Buffer.from('?')], { codec: 6, records: 5 });
  const corrupt = batchOf(15, [Buffer.from('no gzip')], { codec: 1, records: 2 });

  const fetched = await decode(Buffer.concat([unknown, corrupt, batchOf(17, [recordOf(0, 'a')])]));
  const reads = (fetched?.batches ?? []).map((batch) =>
    read({ offset: '0', batches: [batch], isControlRecord: false }),
  );
  const [first, second, third] = await Promise.allSettled(reads);

  expect(first).toMatchObject({ reason: { message: 'unknown compression codec 6' } });
  expect(second).toMatchObject({ status: 'rejected' });
  expect(third?.status === 'fulfilled' && valuesOf(third.value)).toEqual(['17 a']);
});

test('records are inflated as they are visited: a visitor that stops leaves the rest', async () => {
  const count = 80;
  const body = Buffer.concat(Array.from({ length: count }, (_, i) => recordOf(i, ' '.repeat(1_000_000))));
  const fetched = await decode(batchOf(0, [gzipSync(body)], { codec: 1, records: count }));

  const records = await read(fetched, 5, ({ offset }) => offset < 7);

  expect(records.map(({ offset }) => offset)).toEqual([5, 6, 7]);
});

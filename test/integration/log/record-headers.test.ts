import { expect } from 'vitest';
import {
  newTopic,
  publicationOf,
  readSettled,
  test,
  readAll,
  UNWATCHED,
} from '../../support/log/record-log.ts';

const bytes = (...values: number[]): Buffer => Buffer.from(values);

test('headers are read back byte for byte: repeated, empty, and with any name', async ({
  environment,
  log,
}) => {
  const topic = await newTopic(environment, log);
  const headers: [string, Buffer][] = [
    ['trace', bytes(0xff, 0x00, 0x80)],
    ['trace', bytes()],
    ['trace', bytes(1)],
    ['', bytes(2)],
    ['constructor', bytes(3)],
    ['__proto__', bytes(4)],
    ['__proto__', bytes(5)],
    ['toString', bytes(6)],
    ['größe', bytes(7)],
  ];
  const { manifests } = await log.publisher.publishOnce(
    publicationOf({ topic, records: [{ key: 'row', value: null, headers }] }),
  );

  const [record] = await readAll(log.reader, {
    topic,
    ranges: manifests[0]?.partitions ?? [],
    ...UNWATCHED,
  });
  expect(record?.headers.map(([name, value]) => [name, Buffer.from(value)])).toEqual(headers);
});

test('a header named like a property of every object does not stop the reader', async ({
  environment,
  log,
  producer,
}) => {
  const topic = await newTopic(environment, log);
  const headers = Object.fromEntries([
    ['constructor', 'a'],
    ['__proto__', 'b'],
  ]);
  await producer.send({ topic, messages: [{ partition: 0, key: 'row', value: 'v', headers }] });
  const ranges = [{ partition: 0, offsetFrom: 0, offsetTo: 1 }];

  const records = await readAll(log.reader, { topic, ranges, ...UNWATCHED });

  expect(records.flatMap((record) => record.headers.map(([, value]) => String(value)))).toEqual(['a', 'b']);
  expect(await readSettled(environment, topic)).toHaveLength(1);
});

import { randomUUID } from 'node:crypto';
import type { Admin, Producer, Transaction } from 'kafkajs';
import { expect, onTestFinished } from 'vitest';
import type {
  Publication,
  RangesRead,
  RecordPublisher,
  RecordReader,
} from '../../../src/activities/log/record-log.ts';
import { createKafkaAdmin, type KafkaAdmin } from '../../../src/adapters/kafka/admin.ts';
import { createKafka } from '../../../src/adapters/kafka/client.ts';
import { createKafkaPublisher } from '../../../src/adapters/kafka/publisher.ts';
import { createTransactions } from '../../../src/adapters/kafka/transaction.ts';
import { createKafkaReader } from '../../../src/adapters/kafka/reader.ts';
import type { KafkaSettings } from '../../../src/config.ts';
import type { PublicationNames } from '../../../src/domain/names.ts';
import { murmur3 } from '../../../src/domain/log/murmur3.ts';
import { mergeManifests } from '../../../src/domain/log/offsets.ts';
import type { LogRecord, OutgoingRecord } from '../../../src/domain/log/record.ts';
import { test as base, type TestEnvironment } from '../environment.ts';

export { readSettled } from './read-settled.ts';

/** The project's Kafka adapters, as a worker has them. */
export interface RecordLog {
  readonly admin: KafkaAdmin;
  readonly publisher: RecordPublisher;
  readonly reader: RecordReader;
  readonly close: () => Promise<void>;
}

/** @param watch wraps the admin connection, so that a test can count or hold its requests */
export function createRecordLog(
  settings: KafkaSettings,
  watch: (admin: KafkaAdmin) => KafkaAdmin = (admin) => admin,
): RecordLog {
  const kafka = createKafka(settings, () => undefined);
  const admin = createKafkaAdmin(kafka);
  const transactions = createTransactions(kafka);
  const deps = { kafka, transactions, admin: watch(admin), settings };
  const reader = createKafkaReader(deps);
  return {
    admin,
    publisher: createKafkaPublisher(deps),
    reader,
    close: async () => {
      await reader.close();
      await transactions.close();
      await admin.close();
    },
  };
}

export const test = base
  .extend('log', { scope: 'file' }, async ({ environment }, { onCleanup }) => {
    const log = createRecordLog(environment.config.kafka);
    onCleanup(() => log.close());
    return log;
  })
  .extend('admin', { scope: 'file' }, async ({ environment: { kafka } }, { onCleanup }): Promise<Admin> => {
    const admin = kafka.admin();
    await admin.connect();
    onCleanup(() => admin.disconnect());
    return admin;
  })
  .extend('producer', { scope: 'file' }, async ({ environment }, { onCleanup }): Promise<Producer> => {
    const producer = environment.kafka.producer({ allowAutoTopicCreation: false });
    await producer.connect();
    onCleanup(() => producer.disconnect());
    return producer;
  });

export function newNames(): PublicationNames {
  const id = randomUUID();
  return { transactionalId: `imdb/test/${id}`, markerGroup: `imdb-marker/test/${id}` };
}

export function newRecords(prefix: string, count: number, valueBytes = 20): OutgoingRecord[] {
  return Array.from({ length: count }, (_, i) => ({
    key: `${prefix}-${i}`,
    value: `${prefix}-${i}`.padEnd(valueBytes, '.'),
    headers: [['run-id', prefix]],
  }));
}

/** The other options of a publication or a read. */
export const UNWATCHED = { signal: new AbortController().signal, onProgress: () => undefined };

/** All records of the ranges. @param read.onProgress gets their number so far */
export async function readAll(
  reader: RecordReader,
  { onProgress, ...read }: Omit<RangesRead, 'onRecord'> & { readonly onProgress: (records: number) => void },
): Promise<readonly LogRecord[]> {
  const records: LogRecord[] = [];
  const onRecord = (record: LogRecord): void => {
    onProgress(records.push(record));
  };
  expect(await reader.readRanges({ ...read, onRecord })).toEqual([]);
  return records;
}

/** A publication with a name of its own, without an abort or a callback. */
export function publicationOf(...batches: Publication['batches']): Publication {
  return { names: newNames(), batches, ...UNWATCHED };
}

export async function newTopic(environment: TestEnvironment, { publisher }: RecordLog): Promise<string> {
  const topic = environment.newTopic();
  await publisher.ensureTopics([topic]);
  return topic;
}

export async function publish({ publisher }: RecordLog, topic: string, prefix: string, count: number) {
  const { manifests } = await publisher.publishOnce(
    publicationOf({ topic, records: newRecords(prefix, count) }),
  );
  return mergeManifests(topic, manifests);
}

export async function publishAborted({ publisher }: RecordLog, topic: string, prefix: string, count: number) {
  const controller = new AbortController();
  await expect(
    publisher.publishOnce({
      ...publicationOf({ topic, records: newRecords(prefix, count) }),
      signal: controller.signal,
      onProgress: (sent) => {
        if (sent === count) controller.abort(new Error('aborted'));
      },
    }),
  ).rejects.toThrow('aborted');
}

/** An open transaction of another producer, with a record in partition 0; it is aborted when the test ends. */
export async function beginTransaction(
  { kafka }: TestEnvironment,
  topic: string,
  key: string,
): Promise<Transaction> {
  const { transactionalId } = newNames();
  const producer = kafka.producer({ transactionalId, idempotent: true, maxInFlightRequests: 1 });
  await producer.connect();
  onTestFinished(() => producer.disconnect());
  const transaction = await producer.transaction();
  onTestFinished(async () => {
    if (transaction.isActive()) await transaction.abort();
  });
  await transaction.send({ topic, messages: [{ partition: 0, key, value: key }] });
  return transaction;
}

/** A reader whose requests to the broker are counted. */
export function createWatchedReader({ config }: TestEnvironment) {
  let requests = 0;
  const watch = (admin: KafkaAdmin): KafkaAdmin => ({
    ...admin,
    ask(question) {
      requests += 1;
      return admin.ask(question);
    },
  });
  const { reader, close } = createRecordLog(config.kafka, watch);
  onTestFinished(close);
  return { reader, countRequests: () => requests };
}

export function keysOf(messages: readonly { readonly key: string | Uint8Array | null }[]): string[] {
  return messages.map(({ key }) => Buffer.from((key ?? '') as Uint8Array).toString()).sort();
}

/** `partition@offset key`, sorted: what was read, and where. */
export function placesOf(
  messages: readonly {
    readonly partition: number;
    readonly offset: number | string;
    readonly key: Uint8Array | null;
  }[],
): string[] {
  return messages
    .map(({ partition, offset, key }) => `${partition}@${offset} ${Buffer.from(key ?? '').toString()}`)
    .sort();
}

/** Computes the hash of `domain/log/content-hash.ts` in another way: the sum of 128-bit digests modulo 2^128. */
export function hashOf(
  messages: readonly { readonly key: Buffer | null; readonly value: Buffer | null }[],
): string {
  const sum = messages.reduce((total, { key, value }) => {
    const digest = new Int32Array(4).fill(0x9e37_79b9);
    for (const part of [key, value]) {
      if (part === null) digest.set([(digest[0] ?? 0) ^ 0x5bf0_3635]);
      const bytes = Uint8Array.from(part ?? []);
      murmur3(new DataView(bytes.buffer), 0, bytes.length, digest);
    }
    return digest.reduceRight((number, lane) => (number << 32n) | BigInt(lane >>> 0), 0n) + total;
  }, 0n);
  return BigInt.asUintN(128, sum).toString(16).padStart(32, '0');
}

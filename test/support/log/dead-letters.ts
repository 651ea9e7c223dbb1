import type { Admin } from 'kafkajs';
import { onTestFinished } from 'vitest';
import { createKafkaAdmin, type KafkaAdmin } from '../../../src/adapters/kafka/admin.ts';
import { createKafka } from '../../../src/adapters/kafka/client.ts';
import { createKafkaDeadLetters, type DeadLetterLog } from '../../../src/adapters/kafka/dead-letters.ts';
import { createKafkaReader } from '../../../src/adapters/kafka/reader.ts';
import { createTransactions } from '../../../src/adapters/kafka/transaction.ts';
import { createRecordWriter } from '../../../src/adapters/kafka/writer.ts';
import { MalformedRecord } from '../../../src/domain/errors.ts';
import { deadLetterReplay, deadLettersTopic } from '../../../src/domain/names.ts';
import { deadLetterRecord, toDeadLetter } from '../../../src/domain/log/dead-letter.ts';
import type { LogRecord, OutgoingRecord } from '../../../src/domain/log/record.ts';
import type { TestEnvironment } from '../environment.ts';
import { publicationOf, readAll, UNWATCHED, type RecordLog } from './record-log.ts';
import type { ReadMessage } from './read-topic.ts';

/** A record that was refused from partition 0 at offset `index`. */
export function refusedRecord(index: number, record: Partial<LogRecord> = {}): LogRecord {
  return {
    partition: 0,
    offset: index,
    timestamp: '1700000000000',
    key: Buffer.from(`row-${index}`),
    value: Buffer.from(`{"budget": "NA", "row": ${index}}`),
    headers: [
      ['trace', Buffer.from([0xff, 0x00, index % 256])],
      ['trace', Buffer.from('')],
    ],
    ...record,
  };
}

export function refusedRecords(count: number): LogRecord[] {
  return Array.from({ length: count }, (_, i) => refusedRecord(i));
}

export function deadLetterOf(topic: string, record: LogRecord): OutgoingRecord {
  const where = `${topic}[${record.partition}]@${record.offset}`;
  const refusal = new MalformedRecord({ what: '"budget" is not a number', where, got: '"NA"' });
  return deadLetterRecord('test-run/1', topic, toDeadLetter(record, refusal));
}

/** A new topic with these dead letters. */
export async function topicWithDeadLetters(
  environment: TestEnvironment,
  log: RecordLog,
  refused: readonly LogRecord[],
): Promise<string> {
  const topic = environment.newTopic();
  await log.publisher.ensureTopics([topic, deadLettersTopic(topic)]);
  await publishDeadLetters(
    log,
    topic,
    refused.map((record) => deadLetterOf(topic, record)),
  );
  return topic;
}

/** Waits until they are visible: the broker hides a transaction for a moment after its commit. */
export async function publishDeadLetters(
  { publisher, reader }: RecordLog,
  topic: string,
  records: readonly OutgoingRecord[],
): Promise<void> {
  const deadLetters = deadLettersTopic(topic);
  const { manifests } = await publisher.publishOnce(publicationOf({ topic: deadLetters, records }));
  const ranges = manifests[0]?.partitions ?? [];
  await readAll(reader, { topic: deadLetters, ranges, ...UNWATCHED });
}

/** @param watch wraps the admin connection, so that a test can hold its requests */
export function createDeadLetterLog(
  { config }: TestEnvironment,
  watch: (admin: KafkaAdmin) => KafkaAdmin = (admin) => admin,
): DeadLetterLog {
  const settings = config.kafka;
  const kafka = createKafka(settings, () => undefined);
  const admin = createKafkaAdmin(kafka);
  const reader = createKafkaReader({ kafka, admin, settings });
  const transactions = createTransactions(kafka);
  onTestFinished(async () => {
    await reader.close();
    await transactions.close();
    await admin.close();
  });
  const writer = createRecordWriter({ admin });
  return createKafkaDeadLetters({ transactions, admin: watch(admin), reader, writer, settings });
}

/** How many offsets of the dead letters a replay has committed, over all partitions. */
export async function replayedOffsets(admin: Admin, topic: string): Promise<number> {
  const { positionGroup } = deadLetterReplay(topic);
  const committed = await admin.fetchOffsets({ groupId: positionGroup, topics: [deadLettersTopic(topic)] });
  const positions = committed.flatMap(({ partitions }) => partitions.map(({ offset }) => Number(offset)));
  return positions.reduce((sum, offset) => sum + Math.max(0, offset), 0);
}

/** Key, value and headers in hexadecimal, sorted. */
export function contentsOf(records: readonly Pick<LogRecord, 'key' | 'value' | 'headers'>[]): string[] {
  const hex = (bytes: Uint8Array | null) => (bytes === null ? 'null' : Buffer.from(bytes).toString('hex'));
  return records
    .map(({ key, value, headers }) =>
      [hex(key), hex(value), ...headers.map(([name, bytes]) => `${name}=${hex(bytes)}`)].join(' '),
    )
    .sort();
}

/** A record as an ordinary consumer reads it. kafkajs may add an inherited property to a header's values. */
export function consumed({ key, value, headers }: ReadMessage): Pick<LogRecord, 'key' | 'value' | 'headers'> {
  const pairs = Object.entries(headers ?? {}).flatMap(([name, values]) =>
    [values]
      .flat()
      .filter((bytes) => bytes instanceof Uint8Array)
      .map((bytes) => [name, bytes] as const),
  );
  return { key, value, headers: pairs };
}

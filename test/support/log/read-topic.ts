import { randomUUID } from 'node:crypto';
import type { Kafka, KafkaMessage } from 'kafkajs';
import { visitRecords } from '../../../src/adapters/kafka/fetch/record-batch.ts';
import {
  installFetchDecoder,
  OWN_DECODER,
  type FetchedBatches,
} from '../../../src/adapters/kafka/fetch/response.ts';
import type { LogRecord } from '../../../src/domain/log/record.ts';

export type ReadMessage = KafkaMessage & { readonly partition: number };

/**
 * All committed records of a topic as an ordinary consumer sees them, independent of the project's own reader: up to
 * the last stable offsets at the time of the call.
 */
export async function readTopic(kafka: Kafka, topic: string): Promise<ReadMessage[]> {
  // Keyed by place, because after a crash the consumer reads from the beginning again.
  const messages = new Map<string, ReadMessage>();
  await eachRecord(kafka, topic, (message) => {
    messages.set(`${message.partition}@${message.offset}`, message);
  });
  return [...messages.values()];
}

/** The same, for more records than memory holds. A record may come more than once. */
export async function eachRecord(
  kafka: Kafka,
  topic: string,
  onRecord: (message: ReadMessage) => void,
): Promise<void> {
  // kafkajs alone shows some aborted records, and killed workers leave many: decision 0003.
  installFetchDecoder();
  const admin = kafka.admin();
  await admin.connect();
  const ends = new Map(
    (await admin.fetchTopicOffsets(topic))
      .filter(({ low, high }) => Number(high) > Number(low))
      .map(({ partition, high }) => [partition, Number(high)]),
  );
  await admin.disconnect();
  if (ends.size === 0) return;

  const consumer = kafka.consumer({
    groupId: `test-${randomUUID()}`,
    readUncommitted: false,
    rackId: OWN_DECODER,
  });
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await new Promise<void>((resolve, reject) => {
      consumer.on(consumer.events.CRASH, ({ payload }) => {
        if (!payload.restart) reject(payload.error);
      });
      // This event is also emitted for batches that hold only transaction markers.
      consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload }) => {
        if (Number(payload.lastOffset) + 1 >= (ends.get(payload.partition) ?? Infinity)) {
          ends.delete(payload.partition);
        }
        if (ends.size === 0) resolve();
      });
      void consumer.run({
        autoCommit: false,
        eachBatch: async ({ batch }) => {
          const { partition } = batch;
          for (const message of await decode(partition, batch.messages as unknown as FetchedBatches[])) {
            onRecord(message);
          }
        },
      });
    });
  } finally {
    await consumer.disconnect();
  }
}

async function decode(partition: number, fetched: readonly FetchedBatches[]): Promise<ReadMessage[]> {
  const messages: ReadMessage[] = [];
  for (const batch of fetched.flatMap(({ batches }) => batches))
    await visitRecords(partition, batch, 0, (record) => {
      messages.push(toMessage(record));
      return true;
    });
  return messages;
}

/** As kafkajs has it. */
function toMessage({ partition, offset, timestamp, key, value, headers }: LogRecord): ReadMessage {
  const named = new Map<string, Buffer[]>();
  for (const [name, bytes] of headers) named.set(name, [...(named.get(name) ?? []), Buffer.from(bytes)]);
  return {
    partition,
    offset: String(offset),
    timestamp,
    attributes: 0,
    key: key && Buffer.from(key),
    value: value && Buffer.from(value),
    headers: Object.fromEntries(
      [...named].map(([name, values]) => [name, values.length > 1 ? values : values[0]]),
    ),
  };
}

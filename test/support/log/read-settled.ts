import type { Kafka } from 'kafkajs';
import { isTransient } from '../../../src/adapters/kafka/errors.ts';
import { pollUntil } from '../poll-until.ts';
import { readTopic, type ReadMessage } from './read-topic.ts';

const SENTINEL = 'sentinel';

/**
 * All committed records of a topic as an ordinary consumer sees them, after every transaction begun before this call
 * has ended.
 */
export async function readSettled(
  { kafka }: { readonly kafka: Kafka },
  topic: string,
): Promise<ReadMessage[]> {
  // Right after a leader has moved, some brokers still name none.
  const messages = await pollUntil(`the records of ${topic}`, async () => {
    try {
      await untilTransactionsEnd(kafka, topic);
      return await readTopic(kafka, topic);
    } catch (error) {
      if (isTransient(error)) return undefined;
      throw error;
    }
  });
  return messages.filter(({ key }) => String(key) !== SENTINEL);
}

/**
 * Waits until every transaction on the topic that began before this call has ended: until a sentinel that is sent after
 * them becomes visible. The broker ends an abandoned transaction after a minute.
 */
export async function untilTransactionsEnd(kafka: Kafka, topic: string): Promise<void> {
  const admin = kafka.admin();
  const producer = kafka.producer();
  await Promise.all([admin.connect(), producer.connect()]);
  try {
    const present = await admin.fetchTopicOffsets(topic);
    const messages = present.map(({ partition }) => ({ partition, key: SENTINEL, value: null }));
    const sent = await producer.send({ topic, messages });
    const sentinels = new Map(sent.map(({ partition, baseOffset }) => [partition, Number(baseOffset)]));
    await pollUntil(`the transactions on ${topic} to end`, async () => {
      const offsets = await admin.fetchTopicOffsets(topic);
      return offsets.every(({ partition, high }) => Number(high) > (sentinels.get(partition) ?? Infinity));
    });
  } finally {
    await Promise.all([admin.disconnect(), producer.disconnect()]);
  }
}

import type { Kafka } from 'kafkajs';
import { deadLettersTopic, predictionsTopic } from '../../../src/domain/names.ts';
import { createTopics } from '../../support/log/create-topics.ts';

/** Creates the topics of a run, which would otherwise get the broker's default number of partitions. */
export async function createRunTopics(kafka: Kafka, topic: string, partitions: number): Promise<void> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    await createTopics(admin, [topic, predictionsTopic(topic), deadLettersTopic(topic)], partitions);
  } finally {
    await admin.disconnect();
  }
}

import type { Kafka } from 'kafkajs';
import { deadLettersTopic, predictionsTopic } from '../../../src/domain/names.ts';
import { pollUntil } from '../../support/poll-until.ts';

/** Creates a topic and its neighbours, which a run would create with the broker's default of partitions. */
export async function createTopics(kafka: Kafka, topic: string, partitions: number): Promise<void> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    const topics = [topic, predictionsTopic(topic), deadLettersTopic(topic)];
    await admin.createTopics({
      topics: topics.map((name) => ({ topic: name, numPartitions: partitions })),
      waitForLeaders: false,
    });
    // A broker takes a moment to know what it has just created, and the wait inside kafkajs gives up on that answer.
    await pollUntil(`the topics of ${topic} to be there`, async () => {
      const { topics: found } = await admin.fetchTopicMetadata({ topics }).catch(() => ({ topics: [] }));
      return found.length === topics.length && found.every((one) => one.partitions.length === partitions);
    });
  } finally {
    await admin.disconnect();
  }
}

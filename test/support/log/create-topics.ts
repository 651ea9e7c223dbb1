import type { Admin } from 'kafkajs';
import { isUnknownTopic } from '../../../src/adapters/kafka/errors.ts';
import { pollUntil } from '../poll-until.ts';

/**
 * Creates topics and waits until their partitions have leaders. That takes the broker a moment, and kafkajs's own wait
 * gives up too early.
 */
export async function createTopics(
  admin: Admin,
  topics: readonly string[],
  numPartitions: number,
): Promise<void> {
  await admin.createTopics({
    topics: topics.map((topic) => ({ topic, numPartitions })),
    waitForLeaders: false,
  });
  await pollUntil(`the topics ${topics.join(', ')} to be there`, async () => {
    const { topics: found } = await admin
      .fetchTopicMetadata({ topics: [...topics] })
      .catch(() => ({ topics: [] }));
    return (
      found.length === topics.length &&
      found.every(
        ({ partitions }) =>
          partitions.length === numPartitions && partitions.every(({ leader }) => leader >= 0),
      )
    );
  });
}

/** Those of the topics that exist. `listTopics` finds none where the project's own client is loaded. */
export async function existingTopics(admin: Admin, topics: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const topic of topics) {
    await admin.fetchTopicMetadata({ topics: [topic] }).then(
      () => found.push(topic),
      (error: unknown) => {
        if (!isUnknownTopic(error)) throw error;
      },
    );
  }
  return found;
}

import type { PartitionOffsets } from '../../domain/stream/stream-plan.ts';
import { toOffset } from '../../domain/log/offsets.ts';
import type { KafkaAdmin } from './admin.ts';
import { TransientError } from './client.ts';

/**
 * What a topic holds, by partition; none when there is no such topic. kafkajs asks for the last stable offset, and
 * remembers partitions for five minutes: where some were added, the question is asked again on a new connection.
 */
export async function fetchOffsetsOf(admin: KafkaAdmin, topic: string): Promise<PartitionOffsets[]> {
  const offsets = await admin.ask(async (connection) => {
    const topics = await connection.listTopics();
    if (!topics.includes(topic)) return [];
    const metadata = await connection.fetchTopicMetadata({ topics: [topic] });
    const known = await connection.fetchTopicOffsets(topic);
    if (known.length !== metadata.topics[0]?.partitions.length)
      throw new TransientError('partitions were added');
    return known;
  });
  return offsets
    .map(({ partition, low, high }) => ({ partition, low: toOffset(low), high: toOffset(high) }))
    .sort((a, b) => a.partition - b.partition);
}

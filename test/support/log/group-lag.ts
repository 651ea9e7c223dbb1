import type { Admin } from 'kafkajs';
import { streamGroup } from '../../../src/domain/names.ts';

/** What `kafka-consumer-groups.sh --describe` would show. */
export async function groupLag(admin: Admin, stream: string, topic: string): Promise<number> {
  const [committed] = await admin.fetchOffsets({ groupId: streamGroup(stream), topics: [topic] });
  const ends = await admin.fetchTopicOffsets(topic);
  return ends.reduce((sum, { partition, high }) => {
    const at = committed?.partitions.find((known) => known.partition === partition)?.offset ?? '0';
    return sum + Number(high) - Math.max(0, Number(at));
  }, 0);
}

import type { Admin } from 'kafkajs';
import { expect, test } from 'vitest';
import { fetchOffsetsOf, type KafkaAdmin } from '../../../../src/adapters/kafka/admin.ts';
import { isTransient } from '../../../../src/adapters/kafka/errors.ts';

/** Asks once. */
function adminOf(fetchTopicOffsets: () => Promise<unknown>): KafkaAdmin {
  const partitions = [{ partitionId: 0 }];
  const connection = { fetchTopicMetadata: async () => ({ topics: [{ partitions }] }), fetchTopicOffsets };
  return {
    ask: (question) => question(connection as unknown as Admin),
    close: async () => undefined,
  };
}

test('offsets of a topic that kafkajs has just forgotten are asked for again', async () => {
  // What kafkajs 2.2.4 does with an answer about no topic.
  const tripping = adminOf(() => Promise.reject(new TypeError('Cannot destructure property')));
  const refused = adminOf(() => Promise.reject(new RangeError('something else')));

  await expect(fetchOffsetsOf(tripping, 'a1')).rejects.toSatisfy(isTransient);
  await expect(fetchOffsetsOf(refused, 'a1')).rejects.toThrow('something else');
});

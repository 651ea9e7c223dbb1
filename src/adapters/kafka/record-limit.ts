import kafkajs from 'kafkajs';
import { LRUCache } from 'lru-cache';
import type { KafkaAdmin } from './admin.ts';

/** An operator may change it at any time. */
const KNOWN_FOR_MS = 60_000;
const LIMIT_CONFIG = 'max.message.bytes';
/** Of a broker that was not configured otherwise: what remains when a principal may not read the topic's. */
const DEFAULT_LIMIT_BYTES = 1_048_588;
/** The limit is of a record batch, and a record alone is one. */
const BATCH_OVERHEAD_BYTES = 128;

/** The largest record that a topic takes. */
export function createRecordLimits(admin: KafkaAdmin): (topic: string) => Promise<number> {
  const limits = new LRUCache<string, number>({
    max: 1_000,
    ttl: KNOWN_FOR_MS,
    fetchMethod: async (topic) => (await fetchLimit(admin, topic)) - BATCH_OVERHEAD_BYTES,
  });
  return (topic) => limits.forceFetch(topic);
}

async function fetchLimit(admin: KafkaAdmin, topic: string): Promise<number> {
  const { TOPIC } = kafkajs.ConfigResourceTypes;
  const resource = { type: TOPIC, name: topic, configNames: [LIMIT_CONFIG] };
  const described = await admin
    .ask((connection) => connection.describeConfigs({ includeSynonyms: false, resources: [resource] }))
    .catch((error: unknown) => {
      if (isRefusal(error)) return undefined;
      throw error;
    });
  const limit = Number(described?.resources[0]?.configEntries[0]?.configValue);
  return limit > 0 ? limit : DEFAULT_LIMIT_BYTES;
}

/** Few principals may describe configurations. */
function isRefusal(error: unknown): boolean {
  return error instanceof Error && 'type' in error && String(error.type).endsWith('_AUTHORIZATION_FAILED');
}

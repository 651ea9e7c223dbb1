import kafkajs from 'kafkajs';
import { LRUCache } from 'lru-cache';
import { BrokerRefused } from '../../domain/errors.ts';
import type { KafkaAdmin } from './admin.ts';

const LIMIT_CONFIG = 'max.message.bytes';

/** The largest record batch that the topic takes; undefined when the worker may not read its settings. */
export async function fetchMaxMessageBytes(admin: KafkaAdmin, topic: string): Promise<number | undefined> {
  const { TOPIC } = kafkajs.ConfigResourceTypes;
  try {
    const { resources } = await admin.ask((connection) =>
      connection.describeConfigs({
        includeSynonyms: false,
        resources: [{ type: TOPIC, name: topic, configNames: [LIMIT_CONFIG] }],
      }),
    );
    const limit = Number(resources[0]?.configEntries[0]?.configValue);
    return limit > 0 ? limit : undefined;
  } catch {
    return undefined;
  }
}

/** An operator may change it at any time. */
const KNOWN_FOR_MS = 60_000;
/** Of a broker that was not configured otherwise. */
const DEFAULT_LIMIT_BYTES = 1_048_588;
/** A record alone is a batch, too. */
const BATCH_OVERHEAD_BYTES = 128;

/** Looks up the largest record that a topic takes, and keeps it for a while. */
export function createRecordLimits(admin: KafkaAdmin): (topic: string) => Promise<number> {
  const limits = new LRUCache<string, number>({
    max: 1_000,
    ttl: KNOWN_FOR_MS,
    fetchMethod: async (topic) => {
      const limit = await fetchMaxMessageBytes(admin, topic);
      return (limit ?? DEFAULT_LIMIT_BYTES) - BATCH_OVERHEAD_BYTES;
    },
  });
  return (topic) => limits.forceFetch(topic);
}

/** One record alone is more than the topic takes, so that smaller batches do not help. */
export function recordTooLarge(
  topic: string,
  record: { readonly bytes: number; readonly limit: number | undefined },
): BrokerRefused {
  const { bytes, limit } = record;
  return new BrokerRefused({
    what: 'a record is larger than its topic allows',
    where: topic,
    expected: limit === undefined ? `at most ${LIMIT_CONFIG} of the topic` : `at most ${limit} bytes`,
    got: `${bytes} bytes`,
    hint: `Raise ${LIMIT_CONFIG} of the topic, or shorten the record; then retry the micro-batch or reset the run`,
  });
}

import { setTimeout } from 'node:timers/promises';
import kafkajs, { type Admin, type ITopicConfig, type Kafka, type PartitionMetadata } from 'kafkajs';
import { toOffset } from '../../domain/log/offsets.ts';
import type { PartitionOffset, PartitionOffsets } from '../../domain/stream/stream-plan.ts';
import { isTransient, isUnknownTopic, TransientError } from './errors.ts';

const RETRY_INTERVAL_MS = 100;
const MAX_ATTEMPTS = 20;

/** One admin connection per worker, opened on first use, so that a worker starts without a broker. */
export interface KafkaAdmin {
  /** Retries transient errors for two seconds; kafkajs retries some of them only. */
  ask<T>(question: (admin: Admin) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

interface Connection {
  readonly admin: Promise<Admin>;
  users: number;
  retired: boolean;
}

export function createKafkaAdmin(kafka: Kafka): KafkaAdmin {
  let current: Connection | undefined;

  async function connect(): Promise<Admin> {
    const admin = kafka.admin();
    await admin.connect();
    return admin;
  }

  /**
   * Never reuses a connection that gave an error: kafkajs refreshes all topics that a connection was ever asked about,
   * so one deleted topic would fail every later question.
   */
  async function askOnce<T>(question: (admin: Admin) => Promise<T>): Promise<T> {
    const connection = (current ??= { admin: connect(), users: 0, retired: false });
    connection.users += 1;
    try {
      return await question(await connection.admin);
    } catch (error) {
      connection.retired = true;
      if (current === connection) current = undefined;
      throw error;
    } finally {
      connection.users -= 1;
      if (connection.retired && connection.users === 0) void disconnect(connection);
    }
  }

  return {
    async ask(question) {
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await askOnce(question);
        } catch (error) {
          if (!isTransient(error) || attempt === MAX_ATTEMPTS) throw error;
          await setTimeout(RETRY_INTERVAL_MS);
        }
      }
    },
    async close() {
      if (current) await disconnect(current);
      current = undefined;
    },
  };
}

async function disconnect({ admin }: Connection): Promise<void> {
  await admin.then((connected) => connected.disconnect()).catch(() => undefined);
}

/** The partitions of a topic as the cluster knows them now. @throws an error that `isUnknownTopic` recognises */
export async function fetchPartitions(admin: Admin, topic: string): Promise<readonly PartitionMetadata[]> {
  const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
  const partitions = topics[0]?.partitions ?? [];
  if (partitions.length === 0) throw new TransientError(`${topic} has no partitions yet`);
  return partitions;
}

/** @returns false after two seconds: until then, a broker may not have heard of a new topic */
export async function topicExists(admin: KafkaAdmin, topic: string): Promise<boolean> {
  return (await orNone(admin.ask((connection) => fetchPartitions(connection, topic)))) !== undefined;
}

/** @returns undefined when the topic does not exist */
async function orNone<T>(answer: Promise<T>): Promise<T | undefined> {
  return answer.catch((error: unknown) => {
    if (isUnknownTopic(error)) return undefined;
    throw error;
  });
}

/** Creates those that do not exist: to ask for others would need more permissions. */
export async function createMissingTopics(admin: KafkaAdmin, topics: readonly ITopicConfig[]): Promise<void> {
  await admin.ask(async (connection) => {
    const missing: ITopicConfig[] = [];
    for (const topic of topics) {
      await fetchPartitions(connection, topic.topic).catch((error: unknown) => {
        if (!isUnknownTopic(error)) throw error;
        missing.push(topic);
      });
    }
    if (missing.length > 0) await connection.createTopics({ topics: missing, waitForLeaders: true });
  });
}

/**
 * The offsets that a topic holds, by partition; none when the topic does not exist. `high` is the last stable offset:
 * kafkajs asks with read_committed.
 */
export async function fetchOffsetsOf(admin: KafkaAdmin, topic: string): Promise<PartitionOffsets[]> {
  const offsets = await orNone(askOfAll(admin, topic, (connection) => connection.fetchTopicOffsets(topic)));
  return (offsets ?? [])
    .map(({ partition, low, high }) => ({ partition, low: toOffset(low), high: toOffset(high) }))
    .sort((a, b) => a.partition - b.partition);
}

/** By partition, the offset of the first record since a time. */
export async function fetchOffsetsAt(
  admin: KafkaAdmin,
  topic: string,
  timestampMs: number,
): Promise<PartitionOffset[]> {
  const offsets = await askOfAll(admin, topic, (connection) =>
    connection.fetchTopicOffsetsByTimestamp(topic, timestampMs),
  );
  return offsets.map(({ partition, offset }) => ({ partition, offset: toOffset(offset) }));
}

/** An answer about every partition: kafkajs knows them for five minutes, and a new connection learns of added ones. */
async function askOfAll<T>(
  admin: KafkaAdmin,
  topic: string,
  question: (connection: Admin) => Promise<T[]>,
): Promise<T[]> {
  return admin.ask(async (connection) => {
    const partitions = await fetchPartitions(connection, topic);
    const known = await question(connection).catch((error: unknown) => {
      // kafkajs forgets a topic when several questions refresh its metadata at a time, and trips over the empty answer.
      throw error instanceof TypeError
        ? new TransientError(`${topic} is not known yet`, { cause: error })
        : error;
    });
    if (known.length !== partitions.length) throw new TransientError('partitions were added');
    return known;
  });
}

const MINUTE_MS = 60_000;
/** Kafka's own default. */
const DEFAULT_RETENTION_MS = 7 * 24 * 60 * MINUTE_MS;
const RETENTION_CONFIG = 'offsets.retention.minutes';

/** How long the broker keeps the offsets of a group without consumers. */
export async function fetchOffsetRetentionMs(admin: Admin): Promise<number> {
  try {
    const { brokers } = await admin.describeCluster();
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: brokers.slice(0, 1).map(({ nodeId }) => ({
        // kafkajs is CommonJS: Node finds this name in its default export only.
        type: kafkajs.ConfigResourceTypes.BROKER,
        name: String(nodeId),
        configNames: [RETENTION_CONFIG],
      })),
    });
    const minutes = Number(resources[0]?.configEntries[0]?.configValue);
    return minutes > 0 ? minutes * MINUTE_MS : DEFAULT_RETENTION_MS;
  } catch {
    // Few principals may read this, and managed clusters keep the default.
    return DEFAULT_RETENTION_MS;
  }
}

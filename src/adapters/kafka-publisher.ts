import type { Kafka, Message, Transaction } from 'kafkajs';
import type { Digests } from '../activities/digests.ts';
import type { Publication, RecordPublisher } from '../activities/record-log.ts';
import type { KafkaSettings } from '../config.ts';
import { contentHashOf } from '../domain/content-hash.ts';
import { ReconciliationError } from '../domain/errors.ts';
import { manifestTotals, toOffset, type PartitionManifest, type TopicManifest } from '../domain/offsets.ts';
import type { OutgoingRecord } from '../domain/record.ts';
import type { KafkaAdmin } from './kafka-admin.ts';
import { choosePartition, toBrokerError } from './kafka-client.ts';
import { fetchMarker, toMarker } from './kafka-marker.ts';

/** A `send` becomes one record batch per partition; the broker refuses batches over 1 MB (`message.max.bytes`). */
const MAX_SEND_BYTES = 700_000;
/** Longer than any pause of a healthy worker, shorter than the broker's limit (`transaction.max.timeout.ms`). */
const TRANSACTION_TIMEOUT_MS = 60_000;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

interface PartitionMessages {
  readonly partition: number;
  readonly messages: readonly Message[];
}

interface Deps {
  readonly kafka: Kafka;
  readonly admin: KafkaAdmin;
  readonly settings: KafkaSettings;
  readonly digests: Digests;
}

export function createKafkaPublisher({ kafka, admin, settings, digests }: Deps): RecordPublisher {
  /**
   * The order decides. Beginning the transaction fences every earlier attempt (connecting does not) and waits for one
   * that is committing; only then can the marker be believed. A zombie that begins late finds the marker, and one that
   * was overtaken fails with INVALID_PRODUCER_EPOCH.
   */
  async function publishOnce({ names, batches, signal, onProgress }: Publication) {
    const topics = batches.map(({ topic }) => topic);
    const producer = kafka.producer({
      transactionalId: names.transactionalId,
      idempotent: true,
      maxInFlightRequests: 1,
      transactionTimeout: TRANSACTION_TIMEOUT_MS,
      createPartitioner: () => choosePartition,
    });
    await producer.connect();
    try {
      const transaction = await producer.transaction();
      try {
        const committed = await admin.ask((connection) => fetchMarker(connection, names.markerGroup, topics));
        if (committed) {
          await transaction.abort();
          requireSameContent(committed, batches);
          return { manifests: committed, alreadyPublished: true };
        }
        const manifests = await sendAll(transaction, batches, signal, onProgress);
        await transaction.sendOffsets({ consumerGroupId: names.markerGroup, topics: toMarker(manifests) });
        signal.throwIfAborted();
        await transaction.commit();
        return { manifests, alreadyPublished: false };
      } catch (error) {
        // The error in hand says more than one of the abort, and the broker aborts by itself after the timeout.
        if (transaction.isActive()) await transaction.abort().catch(() => undefined);
        throw error;
      }
    } finally {
      await producer.disconnect().catch(() => undefined);
    }
  }

  /** A run that was reset after its file changed must not pass the old records for the new ones. */
  function requireSameContent(committed: readonly TopicManifest[], batches: Publication['batches']): void {
    batches.forEach(({ topic, records }, i) => {
      const got = committed[i] && manifestTotals(committed[i]);
      const contentHash = contentHashOf(records.map((record) => digests.record(record)));
      if (got?.contentHash === contentHash) return;
      throw new ReconciliationError({
        what: 'this run has published other records under the same name',
        where: topic,
        expected: `${records.length} records with hash ${contentHash}`,
        got: `${got?.records ?? 0} records with hash ${got?.contentHash ?? 'none'}`,
        hint: 'The run was reset and its data or code has changed since; start a new run',
      });
    });
  }

  async function sendAll(
    transaction: Transaction,
    batches: Publication['batches'],
    signal: AbortSignal,
    onProgress: (sent: number) => void,
  ): Promise<TopicManifest[]> {
    const manifests: TopicManifest[] = [];
    let sent = 0;
    for (const { topic, records } of batches) {
      const partitions = records.length === 0 ? [] : await partitionRecords(topic, records);
      const written = partitions.map(toUnwritten);
      for (const messages of interleave(partitions)) {
        signal.throwIfAborted();
        for (const { partition, baseOffset } of await transaction.send({ topic, messages })) {
          const manifest = written.find((candidate) => candidate.partition === partition);
          const count = messages.filter((message) => message.partition === partition).length;
          if (manifest) extend(manifest, toOffset(baseOffset ?? 'missing'), count);
        }
        sent += messages.length;
        onProgress(sent);
      }
      manifests.push({ topic, partitions: written });
    }
    return manifests;
  }

  async function partitionRecords(topic: string, records: readonly OutgoingRecord[]) {
    const metadata = await admin.ask((connection) => connection.fetchTopicMetadata({ topics: [topic] }));
    const partitionMetadata = metadata.topics[0]?.partitions ?? [];
    const byPartition = new Map<number, Message[]>();
    for (const record of records) {
      const message = toMessage(record);
      const partition = choosePartition({ topic, partitionMetadata, message });
      const messages = byPartition.get(partition) ?? [];
      messages.push({ ...message, partition });
      byPartition.set(partition, messages);
    }
    return [...byPartition]
      .map(([partition, messages]) => ({ partition, messages }))
      .sort((a, b) => a.partition - b.partition);
  }

  function toUnwritten({ partition, messages }: PartitionMessages): Mutable<PartitionManifest> {
    const digest = ({ key, value }: Message) => digests.record({ key: key ?? null, value });
    const contentHash = contentHashOf(messages.map(digest));
    return { partition, offsetFrom: Infinity, offsetTo: 0, records: messages.length, contentHash };
  }

  return {
    async ensureTopics(topics) {
      try {
        await admin.ask(async (connection) => {
          const existing = new Set(await connection.listTopics());
          const missing = topics.filter((topic) => !existing.has(topic));
          if (missing.length === 0) return;
          // Partitions and replicas: the broker's defaults, which its operator chose.
          await connection.createTopics({
            topics: missing.map((topic) => ({ topic })),
            waitForLeaders: true,
          });
        });
      } catch (error) {
        throw toBrokerError('cannot create topics', topics.join(', '), settings, error);
      }
    },

    async publishOnce(publication) {
      try {
        return await publishOnce(publication);
      } catch (error) {
        const where = publication.batches.map(({ topic }) => topic).join(', ');
        throw toBrokerError('cannot publish', where, settings, error);
      }
    },
  };
}

/** Records of one `send` to one partition are one batch and so have consecutive offsets. */
function extend(manifest: Mutable<PartitionManifest>, baseOffset: number, count: number): void {
  manifest.offsetFrom = Math.min(manifest.offsetFrom, baseOffset);
  manifest.offsetTo = Math.max(manifest.offsetTo, baseOffset + count);
}

function toBuffer(bytes: string | Uint8Array | null): Buffer | null {
  return bytes === null ? null : Buffer.from(bytes as Uint8Array);
}

function toMessage({ key, value, headers }: OutgoingRecord): Message {
  const grouped: Record<string, Buffer[]> = {};
  for (const [name, bytes] of headers) (grouped[name] ??= []).push(Buffer.from(bytes as Uint8Array));
  return { key: toBuffer(key), value: toBuffer(value), headers: grouped };
}

/** One `send` after the other, each with the next chunk of every partition: the broker works on all of them at once. */
function* interleave(partitions: readonly PartitionMessages[]): Generator<Message[]> {
  const chunks = partitions.map(({ messages }) => chunkByBytes(messages));
  const rounds = Math.max(0, ...chunks.map(({ length }) => length));
  for (let round = 0; round < rounds; round += 1) yield chunks.flatMap((parts) => parts[round] ?? []);
}

function chunkByBytes(messages: readonly Message[]): Message[][] {
  const chunks: Message[][] = [];
  let room = 0;
  for (const message of messages) {
    const size = sizeOf(message);
    if (size > room) {
      chunks.push([]);
      room = MAX_SEND_BYTES;
    }
    chunks.at(-1)?.push(message);
    room -= size;
  }
  return chunks;
}

/** Lengths, varints and attributes of one record, at most. */
const RECORD_OVERHEAD_BYTES = 64;

function sizeOf({ key, value, headers }: Message): number {
  const headerBytes = Object.entries(headers ?? {}).map(([name, values]) =>
    [values].flat().reduce((sum, header) => sum + name.length + (header?.length ?? 0) + 10, 0),
  );
  const bytes = (key?.length ?? 0) + (value?.length ?? 0) + RECORD_OVERHEAD_BYTES;
  return headerBytes.reduce((sum, length) => sum + length, bytes);
}

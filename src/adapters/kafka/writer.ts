import type { Message, Transaction } from 'kafkajs';
import type { Digests } from '../../activities/log/digests.ts';
import type { Publication } from '../../activities/log/record-log.ts';
import { contentHashOf } from '../../domain/log/content-hash.ts';
import { toOffset, type PartitionManifest, type TopicManifest } from '../../domain/log/offsets.ts';
import type { OutgoingRecord } from '../../domain/log/record.ts';
import type { KafkaAdmin } from './admin.ts';
import { choosePartition } from './client.ts';
import { interleave, toMessage, type PartitionMessages } from './messages.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Sends batches of records within a transaction. Returns one manifest per batch: the offsets of its records. */
export type WriteRecords = (
  transaction: Transaction,
  publication: Pick<Publication, 'batches' | 'signal' | 'onProgress'>,
) => Promise<TopicManifest[]>;

interface Deps {
  readonly admin: KafkaAdmin;
  readonly digests: Digests;
}

export function createRecordWriter({ admin, digests }: Deps): WriteRecords {
  async function partitionRecords(
    topic: string,
    records: readonly OutgoingRecord[],
  ): Promise<PartitionMessages[]> {
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

  return async (transaction, { batches, signal, onProgress }) => {
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
  };
}

/** Records of one `send` to one partition are one batch, so their offsets are consecutive. */
function extend(manifest: Mutable<PartitionManifest>, baseOffset: number, count: number): void {
  manifest.offsetFrom = Math.min(manifest.offsetFrom, baseOffset);
  manifest.offsetTo = Math.max(manifest.offsetTo, baseOffset + count);
}

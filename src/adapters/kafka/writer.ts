import type { Message, RecordMetadata, Transaction } from 'kafkajs';
import type { Digests } from '../../activities/log/digests.ts';
import type { Publication } from '../../activities/log/record-log.ts';
import { BrokerError } from '../../domain/errors.ts';
import { contentHashOf } from '../../domain/log/content-hash.ts';
import {
  toOffset,
  type OffsetRange,
  type PartitionManifest,
  type TopicManifest,
} from '../../domain/log/offsets.ts';
import type { OutgoingRecord } from '../../domain/log/record.ts';
import { fetchPartitions, type KafkaAdmin } from './admin.ts';
import { choosePartition } from './client.ts';
import { isTooLarge } from './errors.ts';
import { MAX_SEND_BYTES, sizeOfAll, takeChunk, toMessage } from './messages.ts';
import { fetchMaxMessageBytes, recordTooLarge } from './topic-limit.ts';

/**
 * Sends batches of records within a transaction. Returns one manifest per batch: the offsets of its records.
 *
 * @throws when anything was not acknowledged: then the transaction must not be committed
 */
export type WriteRecords = (
  transaction: Transaction,
  publication: Pick<Publication, 'batches' | 'signal' | 'onProgress'>,
) => Promise<TopicManifest[]>;

interface Deps {
  readonly admin: KafkaAdmin;
  readonly digests: Digests;
}

interface PartitionMessages {
  readonly partition: number;
  readonly messages: readonly Message[];
}

export function createRecordWriter({ admin, digests }: Deps): WriteRecords {
  /** The number of partitions is asked for once: a key goes to one partition, also when some are added meanwhile. */
  async function divide(topic: string, records: readonly OutgoingRecord[]): Promise<PartitionMessages[]> {
    const metadata = await admin.ask((connection) => fetchPartitions(connection, topic));
    const partitionMetadata = [...metadata];
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

  /**
   * Sends one chunk after the other, each to one partition. Of a `send` to several, kafkajs keeps the answers by broker:
   * when a leader moves meanwhile, it skips partitions or sends them twice. Two at a time would gain little: kafkajs
   * waits for the one before it goes on with the other to a broker, and the coordinator refuses to add a partition to a
   * transaction while it adds another.
   */
  async function sendAll(
    transaction: Transaction,
    topic: string,
    { partition, messages }: PartitionMessages,
    onSent: (records: number) => void,
  ): Promise<OffsetRange> {
    let bytes = MAX_SEND_BYTES;
    let offsetFrom = Infinity;
    let offsetTo = 0;
    for (let next = 0; next < messages.length;) {
      const chunk = takeChunk(messages, next, bytes);
      try {
        const answers = await transaction.send({ topic, messages: chunk });
        const baseOffset = requireAcknowledged(topic, partition, answers);
        // One batch, so its offsets are consecutive.
        offsetFrom = Math.min(offsetFrom, baseOffset);
        offsetTo = Math.max(offsetTo, baseOffset + chunk.length);
        next += chunk.length;
      } catch (error) {
        if (!isTooLarge(error)) throw error;
        const size = sizeOfAll(chunk);
        if (chunk.length === 1) {
          throw recordTooLarge(topic, { bytes: size, limit: await fetchMaxMessageBytes(admin, topic) });
        }
        // Nothing of this chunk was written.
        bytes = Math.floor(size / 2);
        continue;
      }
      onSent(chunk.length);
    }
    return { partition, offsetFrom, offsetTo };
  }

  return async (transaction, { batches, signal, onProgress }) => {
    const manifests: TopicManifest[] = [];
    let sent = 0;
    const onSent = (records: number): void => {
      sent += records;
      onProgress(sent);
      signal.throwIfAborted();
    };
    for (const { topic, records } of batches) {
      const partitions: PartitionManifest[] = [];
      signal.throwIfAborted();
      for (const { partition, messages } of records.length === 0 ? [] : await divide(topic, records)) {
        const range = await sendAll(transaction, topic, { partition, messages }, onSent);
        const digest = ({ key, value }: Message) => digests.record({ key: key ?? null, value });
        const contentHash = contentHashOf(messages.map(digest));
        partitions.push({ ...range, records: messages.length, contentHash });
      }
      manifests.push({ topic, partitions });
    }
    return manifests;
  };
}

/** kafkajs drops records of a partition that it does not know yet, without an error: then there is no answer. */
function requireAcknowledged(
  topic: string,
  partition: number,
  answers: readonly Partial<RecordMetadata>[],
): number {
  const [answer] = answers;
  const isOfPartition = answer?.topicName === topic && answer.partition === partition;
  const baseOffset = isOfPartition ? toOffset(answer.baseOffset ?? '-1') : -1;
  if (answers.length === 1 && baseOffset >= 0) return baseOffset;
  throw new BrokerError({
    what: 'records were not acknowledged',
    where: `${topic}[${partition}]`,
    expected: 'the offset of the first of them',
    got: JSON.stringify(answers),
    hint: 'The transaction is aborted and the step is retried; nothing is lost or written twice',
  });
}

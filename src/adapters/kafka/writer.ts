import type { PartitionMetadata, RecordMetadata, Transaction } from 'kafkajs';
import type { Digests } from '../../activities/log/digests.ts';
import type { Publication } from '../../activities/log/record-log.ts';
import { BrokerError } from '../../domain/errors.ts';
import { createContentHash } from '../../domain/log/content-hash.ts';
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
import { MAX_SEND_BYTES, sizeOfAll, takeChunk, toMessage, type SizedMessage } from './messages.ts';
import { inSlices } from './slices.ts';
import { fetchMaxMessageBytes, recordTooLarge } from './topic-limit.ts';

/** Records for one topic, divided by partition and hashed, to be sent in one transaction. */
export interface RecordBuffer {
  /** About as many as Kafka stores, without compression. */
  readonly bytes: number;
  add(record: OutgoingRecord): void;
  /**
   * Sends all of them.
   * @param onSent gets the number of records of each request
   * @throws when anything was not acknowledged: then the transaction must not be committed
   */
  send(transaction: Transaction, onSent: (records: number) => void): Promise<TopicManifest>;
}

export interface RecordWriter {
  /**
   * Asks for the topic's partitions once, so that a key goes to one of them, also when some are added meanwhile.
   * @returns a function that makes empty buffers
   */
  open(topic: string): Promise<() => RecordBuffer>;
  /** Buffers and sends batches of records. @returns one manifest per batch: the offsets of its records */
  write(
    transaction: Transaction,
    publication: Pick<Publication, 'batches' | 'signal' | 'onProgress'>,
  ): Promise<TopicManifest[]>;
}

interface Deps {
  readonly admin: KafkaAdmin;
  readonly digests: Digests;
}

interface PartitionRecords {
  readonly partition: number;
  readonly messages: SizedMessage[];
  readonly hash: ReturnType<typeof createContentHash>;
}

export function createRecordWriter({ admin, digests }: Deps): RecordWriter {
  async function open(topic: string): Promise<() => RecordBuffer> {
    const partitions = [...(await admin.ask((connection) => fetchPartitions(connection, topic)))];
    return () => createBuffer(topic, partitions);
  }

  function createBuffer(topic: string, partitionMetadata: PartitionMetadata[]): RecordBuffer {
    const byPartition = new Map<number, PartitionRecords>();
    let bytes = 0;
    return {
      get bytes() {
        return bytes;
      },
      add(record) {
        const sized = toMessage(record);
        const { message } = sized;
        const partition = choosePartition({ topic, partitionMetadata, message });
        message.partition = partition;
        const records = byPartition.get(partition) ?? { partition, messages: [], hash: createContentHash() };
        byPartition.set(partition, records);
        records.messages.push(sized);
        records.hash.add(digests.record({ key: message.key ?? null, value: message.value }));
        bytes += sized.bytes;
      },
      async send(transaction, onSent) {
        const manifests: PartitionManifest[] = [];
        for (const records of [...byPartition.values()].sort((a, b) => a.partition - b.partition)) {
          const range = await sendAll(transaction, topic, records, onSent);
          manifests.push({ ...range, records: records.messages.length, contentHash: records.hash.value() });
        }
        return { topic, partitions: manifests };
      },
    };
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
    { partition, messages }: PartitionRecords,
    onSent: (records: number) => void,
  ): Promise<OffsetRange> {
    let bytes = MAX_SEND_BYTES;
    let offsetFrom = Infinity;
    let offsetTo = 0;
    for (let next = 0; next < messages.length;) {
      const chunk = takeChunk(messages, next, bytes);
      try {
        const answers = await transaction.send({ topic, messages: chunk.map(({ message }) => message) });
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

  return {
    open,
    async write(transaction, { batches, signal, onProgress }) {
      const manifests: TopicManifest[] = [];
      let sent = 0;
      const onSent = (records: number): void => {
        sent += records;
        onProgress(sent);
        signal.throwIfAborted();
      };
      for (const { topic, records } of batches) {
        signal.throwIfAborted();
        if (records.length === 0) {
          manifests.push({ topic, partitions: [] });
          continue;
        }
        const buffer = (await open(topic))();
        await inSlices(records, signal, (record) => {
          buffer.add(record);
        });
        manifests.push(await buffer.send(transaction, onSent));
      }
      return manifests;
    },
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

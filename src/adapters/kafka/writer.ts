import type { PartitionMetadata, RecordMetadata, Transaction } from 'kafkajs';
import type { Publication } from '../../activities/log/record-log.ts';
import { BrokerError } from '../../domain/errors.ts';
import {
  toOffset,
  type OffsetRange,
  type PartitionManifest,
  type TopicManifest,
} from '../../domain/log/offsets.ts';
import type { OutgoingRecord } from '../../domain/log/record.ts';
import { fetchPartitions, type KafkaAdmin } from './admin.ts';
import { isTooLarge } from './errors.ts';
import { BatchMemory, type RecordBatch } from './produce/record-batch.ts';
import { createRecordSets, type PartitionRecords } from './produce/record-sets.ts';
import { toMessages } from './produce/request.ts';
import { inSlices } from './slices.ts';
import { fetchMaxMessageBytes, recordTooLarge } from './topic-limit.ts';

/** Records for one topic, divided by partition, encoded and hashed, to be sent in one transaction. */
export interface RecordBuffer {
  /** As many as Kafka stores, without compression. */
  readonly bytes: number;
  /** Copies the record's bytes. */
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
}

export function createRecordWriter({ admin }: Deps): RecordWriter {
  async function open(topic: string): Promise<() => RecordBuffer> {
    const partitions = [...(await admin.ask((connection) => fetchPartitions(connection, topic)))];
    const memory = new BatchMemory();
    return () => createBuffer(topic, partitions, memory);
  }

  function createBuffer(
    topic: string,
    partitionMetadata: PartitionMetadata[],
    memory: BatchMemory,
  ): RecordBuffer {
    const sets = createRecordSets(topic, partitionMetadata, memory);
    return {
      get bytes() {
        return sets.bytes();
      },
      add(record) {
        sets.add(record);
      },
      async send(transaction, onSent) {
        const manifests: PartitionManifest[] = [];
        for (const records of sets.byPartition()) {
          const range = await sendAll(transaction, topic, records, onSent);
          manifests.push({ ...range, records: records.count, contentHash: records.hash.value() });
        }
        return { topic, partitions: manifests };
      },
    };
  }

  /**
   * Sends one batch after the other, each to one partition. Of a `send` to several, kafkajs keeps the answers by broker:
   * when a leader moves meanwhile, it skips partitions or sends them twice. Two at a time would gain little: kafkajs
   * waits for the one before it goes on with the other to a broker, and the coordinator refuses to add a partition to a
   * transaction while it adds another.
   */
  async function sendAll(
    transaction: Transaction,
    topic: string,
    { partition, batches }: PartitionRecords,
    onSent: (records: number) => void,
  ): Promise<OffsetRange> {
    let offsetFrom = Infinity;
    let offsetTo = 0;
    const waiting = batches.toReversed();
    let limit = Infinity;
    for (let batch = waiting.pop(); batch; batch = waiting.pop()) {
      if (batch.size > limit && batch.records > 1) {
        waiting.push(...batch.split(limit).reverse());
        continue;
      }
      try {
        const answers = await transaction.send({ topic, messages: toMessages(partition, batch) });
        const baseOffset = requireAcknowledged(topic, partition, answers);
        // One batch, so its offsets are consecutive.
        offsetFrom = Math.min(offsetFrom, baseOffset);
        offsetTo = Math.max(offsetTo, baseOffset + batch.records);
      } catch (error) {
        if (!isTooLarge(error)) throw error;
        await requireSeveral(topic, batch);
        // Nothing of this batch was written.
        limit = Math.floor(batch.size / 2);
        waiting.push(batch);
        continue;
      }
      onSent(batch.records);
      batch.release();
    }
    return { partition, offsetFrom, offsetTo };
  }

  async function requireSeveral(topic: string, { records, size }: RecordBatch): Promise<void> {
    if (records === 1)
      throw recordTooLarge(topic, { bytes: size, limit: await fetchMaxMessageBytes(admin, topic) });
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
        let buffer: RecordBuffer | undefined;
        const begin = async (record: OutgoingRecord): Promise<void> => {
          buffer = (await open(topic))();
          buffer.add(record);
        };
        await inSlices(records, signal, (record) => {
          if (buffer === undefined) return begin(record);
          buffer.add(record);
          return undefined;
        });
        manifests.push((await buffer?.send(transaction, onSent)) ?? { topic, partitions: [] });
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

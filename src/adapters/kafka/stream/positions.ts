import type { Kafka, Message } from 'kafkajs';
import type { RecordReader } from '../../../activities/log/record-log.ts';
import type { LogRecord } from '../../../domain/log/record.ts';
import { streamPositionsTopic } from '../../../domain/names.ts';
import { UNCLAIMED, type LaneState } from '../../../domain/stream/lane.ts';
import { createMissingTopics, fetchOffsetsOf, type KafkaAdmin } from '../admin.ts';
import { choosePartition } from '../client.ts';
import { TransientError } from '../errors.ts';

/** The position of a stream, as of a start, a renewal or its end. */
export interface StoredPosition extends Pick<LaneState, 'epoch' | 'batch' | 'watermark' | 'finished'> {
  readonly lanes: number;
  /** The stream had ended, and none of its batches could still commit. */
  readonly isFinal: boolean;
  readonly atMs: number;
}

export type StoredPositions = ReturnType<typeof createStoredPositions>;

interface Deps {
  readonly kafka: Kafka;
  readonly admin: KafkaAdmin;
  readonly reader: RecordReader;
}

/**
 * The positions of a topic's streams, in a compacted topic beside it. A broker forgets committed offsets after
 * `offsets.retention.minutes`, but keeps the newest record of a key for ever: so a start knows that there was a position.
 * Never written in a transaction: another stream's open one would hide records.
 */
export function createStoredPositions({ kafka, admin, reader }: Deps) {
  return {
    async ensureTopic(topic: string): Promise<void> {
      const name = streamPositionsTopic(topic);
      const configEntries = [{ name: 'cleanup.policy', value: 'compact' }];
      await createMissingTopics(admin, [{ topic: name, numPartitions: 1, configEntries }]);
    },

    async store(topic: string, stream: string, position: Omit<StoredPosition, 'atMs'>): Promise<void> {
      const { epoch, batch, watermark, finished, lanes, isFinal } = position;
      const atMs = Date.now();
      const stored: StoredPosition = { epoch, batch, watermark, finished, lanes, isFinal, atMs };
      const messages: Message[] = [
        { partition: 0, key: toKey(stream, epoch), value: JSON.stringify(stored) },
        // A late attempt of the start before may still store its own, but does not replace this one.
        { partition: 0, key: toKey(stream, epoch - 1), value: null },
      ];
      const producer = kafka.producer({
        allowAutoTopicCreation: false,
        createPartitioner: () => choosePartition,
      });
      await producer.connect();
      try {
        const [written] = await producer.send({ topic: streamPositionsTopic(topic), messages, acks: -1 });
        if (written?.baseOffset === undefined) throw new TransientError('the position was not acknowledged');
      } finally {
        await producer.disconnect().catch(() => undefined);
      }
    },

    /** Of the newest start that has stored one. */
    async read(topic: string, stream: string): Promise<StoredPosition | undefined> {
      const name = streamPositionsTopic(topic);
      const [first] = await fetchOffsetsOf(admin, name);
      if (!first || first.low === first.high) return undefined;
      const records: LogRecord[] = [];
      await reader.readRanges({
        topic: name,
        ranges: [{ partition: 0, offsetFrom: first.low, offsetTo: first.high }],
        signal: new AbortController().signal,
        onRecord: (record) => records.push(record),
      });
      const decoder = new TextDecoder();
      return records
        .filter(({ key, value }) => key && value && isKeyOf(stream, decoder.decode(key)))
        .map(({ value }) => JSON.parse(decoder.decode(value ?? undefined)) as StoredPosition)
        .reduce<StoredPosition | undefined>(
          (newest, next) => (newest && newest.epoch > next.epoch ? newest : next),
          undefined,
        );
    },
  };
}

export function toLaneState(position: StoredPosition, source: string): LaneState {
  const { epoch, batch, watermark, finished } = position;
  return { ...UNCLAIMED, source, epoch, batch, watermark, finished };
}

function toKey(stream: string, epoch: number): string {
  return `${epoch}:${stream}`;
}

function isKeyOf(stream: string, key: string): boolean {
  return key.slice(key.indexOf(':') + 1) === stream;
}

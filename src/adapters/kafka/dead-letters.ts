import type { Admin, Transaction } from 'kafkajs';
import type { RecordReader } from '../../activities/log/record-log.ts';
import type { KafkaSettings } from '../../config.ts';
import {
  awaitingRanges,
  parseDeadLetter,
  type ParsedDeadLetter,
  reasonToLeave,
  type ReplayPositions,
  replayRecord,
  type ForeignRecord,
} from '../../domain/log/dead-letter.ts';
import { BrokerError } from '../../domain/errors.ts';
import { deadLetterReplay, deadLettersTopic } from '../../domain/names.ts';
import { type OffsetRange, planMicroBatches, toOffset } from '../../domain/log/offsets.ts';
import { fetchOffsetRetentionMs, fetchOffsetsOf, topicExists, type KafkaAdmin } from './admin.ts';
import { createKafkaCall, isFenced } from './errors.ts';
import type { Transactions } from './transaction.ts';
import type { RecordWriter } from './writer.ts';

/** These bound what a read holds in memory and what a killed replay repeats. Some offsets hold no record. */
const CHUNK_OFFSETS = 500;
const CHUNK_BYTES = 8 * 1024 * 1024;

export interface DeadLetterSurvey {
  /** All committed dead letters of now. */
  readonly ranges: readonly OffsetRange[];
  readonly positions: ReplayPositions;
  /** The broker has forgotten positions that were committed before this time. */
  readonly forgottenBeforeMs: number;
  readonly sourceExists: boolean;
}

export interface ReplayedChunk {
  readonly replayed: number;
  readonly leftAlone: readonly (ParsedDeadLetter | ForeignRecord)[];
  readonly isLast: boolean;
}

/** The dead letters of a topic. @throws BrokerError; of `signal`, its reason */
export interface DeadLetterLog {
  /** Undefined when the topic has no dead-letters topic. */
  survey(topic: string): Promise<DeadLetterSurvey | undefined>;
  readChunks(
    topic: string,
    ranges: readonly OffsetRange[],
    signal: AbortSignal,
  ): AsyncIterable<readonly (ParsedDeadLetter | ForeignRecord)[]>;
  /** Sends the next dead letters of the ranges back to the topic: each once, even with several replays at a time. */
  replayChunk(topic: string, ranges: readonly OffsetRange[], signal: AbortSignal): Promise<ReplayedChunk>;
}

type Position = readonly [partition: number, offset: number];

interface Chunk {
  readonly entries: readonly (ParsedDeadLetter | ForeignRecord)[];
  /** Where the next chunk begins, for each partition of this one. */
  readonly reached: readonly Position[];
  readonly rest: readonly OffsetRange[];
}

interface Deps {
  readonly transactions: Transactions;
  readonly admin: KafkaAdmin;
  readonly reader: RecordReader;
  readonly writer: Pick<RecordWriter, 'write'>;
  readonly settings: KafkaSettings;
}

export function createKafkaDeadLetters({
  transactions,
  admin,
  reader,
  writer,
  settings,
}: Deps): DeadLetterLog {
  const kafkaCall = createKafkaCall(settings);

  async function survey(topic: string): Promise<DeadLetterSurvey | undefined> {
    const offsets = await fetchOffsetsOf(admin, deadLettersTopic(topic));
    if (offsets.length === 0) return undefined;
    const sourceExists = await topicExists(admin, topic);
    return admin.ask(async (connection) => ({
      sourceExists,
      ranges: offsets.map(({ partition, low, high }) => ({ partition, offsetFrom: low, offsetTo: high })),
      positions: await fetchPositions(connection, topic),
      forgottenBeforeMs: Date.now() - (await fetchOffsetRetentionMs(connection)),
    }));
  }

  /** The first of the ranges, up to the bounds of a chunk. */
  async function readChunk(
    topic: string,
    ranges: readonly OffsetRange[],
    signal: AbortSignal,
  ): Promise<Chunk> {
    const [first = [], ...later] = planMicroBatches(ranges, CHUNK_OFFSETS);
    const entries: Chunk['entries'][number][] = [];
    let bytes = 0;
    const unread = await reader.readRanges({
      topic: deadLettersTopic(topic),
      ranges: first,
      signal,
      onRecord(record, leave) {
        if (bytes > CHUNK_BYTES) leave();
        else entries.push(parseDeadLetter(topic, record));
        bytes += record.key?.length ?? 0;
        bytes += record.value?.length ?? 0;
      },
    });
    const reached = first.map(({ partition, offsetTo }): Position => {
      const left = unread.find((range) => range.partition === partition);
      return [partition, left?.offsetFrom ?? offsetTo];
    });
    return { entries, reached, rest: [...unread, ...later.flat()] };
  }

  /**
   * Beginning the transaction ends every other replay of the topic, and only then are the positions final. Records and
   * positions are committed together or not at all.
   */
  function replayChunk(topic: string, ranges: readonly OffsetRange[], signal: AbortSignal) {
    return transactions.inTransaction(deadLetterReplay(topic).transactionalId, async (transaction) => {
      const positions = await admin.ask((connection) => fetchPositions(connection, topic));
      const { entries, reached, rest } = await readChunk(topic, awaitingRanges(ranges, positions), signal);
      const leftAlone = entries.filter((entry) => reasonToLeave(entry) !== undefined);
      const whole = entries.filter((entry) => reasonToLeave(entry) === undefined);
      const records = whole.map(({ record }) => replayRecord(record));
      await writer.write(transaction, { batches: [{ topic, records }], signal, onProgress: () => undefined });
      await sendPositions(transaction, topic, [...positions, ...reached]);
      signal.throwIfAborted();
      await transaction.commit();
      return { replayed: records.length, leftAlone, isLast: rest.length === 0 };
    });
  }

  return {
    survey: (topic) =>
      kafkaCall('cannot look for dead letters', deadLettersTopic(topic), () => survey(topic)),

    async *readChunks(topic, ranges, signal) {
      for (let rest = ranges; rest.length > 0;) {
        const chunk = await readChunk(topic, rest, signal);
        yield chunk.entries;
        rest = chunk.rest;
      }
    },

    replayChunk: (topic, ranges, signal) =>
      kafkaCall('cannot replay', topic, () =>
        replayChunk(topic, ranges, signal).catch((error: unknown) => {
          if (!isFenced(error)) throw error;
          throw new BrokerError({ what: 'another replay has taken over', where: topic, cause: error });
        }),
      ),
  };
}

async function fetchPositions(admin: Admin, topic: string): Promise<ReplayPositions> {
  const groupId = deadLetterReplay(topic).positionGroup;
  // Of all topics: see `fetchCommits`.
  const committed = await admin.fetchOffsets({ groupId });
  const positions = committed.flatMap(({ partitions }) =>
    partitions.map(({ partition, offset }): [number, number] => [partition, toOffset(offset)]),
  );
  return new Map(positions.filter(([, offset]) => offset >= 0));
}

/**
 * Commits all positions anew, also unchanged ones: the broker forgets each by its own age, and a partition without a
 * position would be replayed from its beginning.
 */
async function sendPositions(
  transaction: Transaction,
  topic: string,
  positions: readonly Position[],
): Promise<void> {
  if (positions.length === 0) return;
  const partitions = [...new Map(positions)].map(([partition, offset]) => ({
    partition,
    offset: String(offset),
  }));
  await transaction.sendOffsets({
    consumerGroupId: deadLetterReplay(topic).positionGroup,
    topics: [{ topic: deadLettersTopic(topic), partitions }],
  });
}

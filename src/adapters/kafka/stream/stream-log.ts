import type { Kafka } from 'kafkajs';
import type { RecordReader } from '../../../activities/log/record-log.ts';
import type { PositionCommit, StreamLog } from '../../../activities/scoring/stream-log.ts';
import type { KafkaSettings } from '../../../config.ts';
import { OffsetsOutOfRange } from '../../../domain/errors.ts';
import { lanePublication, progressPublication, streamGroup } from '../../../domain/names.ts';
import { renewed, requireClaimed, type LaneState } from '../../../domain/stream/lane.ts';
import { fetchOffsetsAt, fetchOffsetsOf, type KafkaAdmin } from '../admin.ts';
import { createKafkaCall, isFenced } from '../errors.ts';
import { fetchLane, toLaneMarker, toProgressMarker } from './lane.ts';
import { createStoredPositions } from './positions.ts';
import { createClaim } from './claim.ts';
import type { Transactions } from '../transaction.ts';

interface Deps {
  readonly kafka: Kafka;
  readonly transactions: Transactions;
  readonly admin: KafkaAdmin;
  readonly reader: RecordReader;
  readonly settings: KafkaSettings;
}

/** Each takes a connection of its own, and a stream that continues as new waits for all. */
const RENEWED_AT_ONCE = 8;

export function createKafkaStreamLog({ kafka, transactions, admin, reader, settings }: Deps): StreamLog {
  const kafkaCall = createKafkaCall(settings);
  const positions = createStoredPositions({ kafka, admin, reader });
  const claim = createClaim({ transactions, admin, positions });

  function fetchState(group: string): Promise<LaneState> {
    return admin.ask((connection) => fetchLane(connection, group));
  }

  /** Also what did not change is committed anew: the broker forgets each offset by its own age. */
  async function commit(position: PositionCommit): Promise<void> {
    const { stream, topic, nextBatch, lanes, isRenewal, isFinal } = position;
    const { transactionalId, markerGroup } = progressPublication(stream);
    const next = await transactions.inTransaction(transactionalId, async (transaction) => {
      const now = await fetchState(markerGroup);
      requireClaimed(now, { ...position, batch: nextBatch });
      const state = { ...renewed(now, position), batch: Math.max(now.batch, nextBatch - 1) };
      await transaction.sendOffsets({ consumerGroupId: markerGroup, topics: toProgressMarker(state) });
      await transaction.commit();
      return state;
    });
    if (isRenewal || isFinal) await positions.store(topic, stream, { ...next, lanes, isFinal });
    if (!isRenewal) return;
    for (let first = 0; first < lanes; first += RENEWED_AT_ONCE) {
      const some = Array.from({ length: Math.min(RENEWED_AT_ONCE, lanes - first) }, (_, i) => first + i);
      await Promise.all(some.map((lane) => renew(position, lane)));
    }
  }

  async function renew(position: PositionCommit, lane: number): Promise<void> {
    const { stream, nextBatch } = position;
    const { transactionalId, markerGroup } = lanePublication(stream, lane);
    try {
      await transactions.inTransaction(transactionalId, async (transaction) => {
        const now = await fetchState(markerGroup);
        requireClaimed(now, { ...position, batch: nextBatch });
        const topics = toLaneMarker(renewed(now, position));
        await transaction.sendOffsets({ consumerGroupId: markerGroup, topics });
        await transaction.commit();
      });
    } catch (error) {
      // A batch of the lane has begun meanwhile: its own commit renews the marker, but only in a lane that it may use.
      if (!isFenced(error) || position.continues !== undefined) throw error;
    }
  }

  return {
    listOffsets: (topic) =>
      kafkaCall('cannot list offsets', topic, async () => {
        const offsets = await fetchOffsetsOf(admin, topic);
        if (offsets.length > 0) return offsets;
        throw new OffsetsOutOfRange({
          what: 'there is no such topic',
          where: topic,
          expected: 'a topic with records to score',
          got: 'none',
          hint: 'Create it, or correct "topic"; if it was deleted, nothing of it was skipped',
        });
      }),

    offsetsAt: (topic, timestampMs) =>
      kafkaCall('cannot list offsets', topic, () => fetchOffsetsAt(admin, topic, timestampMs)),

    claim: (wanted) => kafkaCall('cannot open the stream', wanted.stream, () => claim(wanted)),

    committed: (stream, topic) =>
      kafkaCall('cannot fetch offsets', streamGroup(stream), async () => {
        const { source, watermark } = await fetchState(streamGroup(stream));
        return source === topic ? watermark : [];
      }),

    commit: (position) =>
      kafkaCall('cannot commit offsets', streamGroup(position.stream), () => commit(position)),
  };
}

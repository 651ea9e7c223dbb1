import type { Kafka } from 'kafkajs';
import type { StreamLog } from '../../activities/scoring/stream-log.ts';
import type { KafkaSettings } from '../../config.ts';
import { BrokerError, InvalidInput, OffsetsOutOfRange } from '../../domain/errors.ts';
import { lanePublication, streamGroup, streamProgressTransaction } from '../../domain/names.ts';
import { toOffset } from '../../domain/log/offsets.ts';
import { joinLanes, takenBy, UNCLAIMED, type LaneState } from '../../domain/stream/lane.ts';
import type { PartitionOffset } from '../../domain/stream/stream-plan.ts';
import { fetchOffsetsOf, type KafkaAdmin } from './admin.ts';
import { createKafkaCall } from './errors.ts';
import { fetchLane, toLaneMarker } from './lane.ts';
import { inTransaction } from './transaction.ts';

interface Deps {
  readonly kafka: Kafka;
  readonly admin: KafkaAdmin;
  readonly settings: KafkaSettings;
}

type Claim = Parameters<StreamLog['claim']>[0];

interface Lane {
  readonly lane: number;
  readonly state: LaneState;
}

export function createKafkaStreamLog({ kafka, admin, settings }: Deps): StreamLog {
  const kafkaCall = createKafkaCall(settings);

  /** Beginning a transaction ends the one that another attempt has open: the state that is read then is final. */
  function readFenced(stream: string, lane: number): Promise<LaneState> {
    const { transactionalId, markerGroup } = lanePublication(stream, lane);
    return inTransaction(kafka, transactionalId, () =>
      admin.ask((connection) => fetchLane(connection, markerGroup)),
    );
  }

  /** The lanes of this start, and all that an earlier start has used. */
  async function lanesOf({ stream, lanes }: Claim): Promise<number[]> {
    const prefix = `${streamGroup(stream)}/lane-`;
    const { groups } = await admin.ask((connection) => connection.listGroups());
    const used = groups
      .filter(({ groupId }) => groupId.startsWith(prefix))
      .map(({ groupId }) => groupId.slice(prefix.length))
      .filter((lane) => /^\d+$/.test(lane))
      .map(Number);
    return [...new Set([...used, ...Array.from({ length: lanes }, (_, lane) => lane)])].sort((a, b) => a - b);
  }

  async function committed(stream: string, topic: string): Promise<PartitionOffset[]> {
    const groupId = streamGroup(stream);
    const offsets = await admin.ask((connection) => connection.fetchOffsets({ groupId }));
    return offsets
      .filter((entry) => entry.topic === topic)
      .flatMap(({ partitions }) => partitions)
      .map(({ partition, offset }) => ({ partition, offset: toOffset(offset) }))
      .filter(({ offset }) => offset >= 0);
  }

  async function claim(wanted: Claim) {
    const { stream, topic, startOver } = wanted;
    const lanes = await Promise.all(
      (await lanesOf(wanted)).map(async (lane): Promise<Lane> => ({
        lane,
        state: await readFenced(stream, lane),
      })),
    );
    const states = lanes.map(({ state }) => state);
    const earlier = startOver ? [] : states.filter(({ source }) => source !== undefined);
    requireSameTopic(wanted, earlier);
    const progress = { ...UNCLAIMED, watermark: await committed(stream, topic) };
    const joined = joinLanes([...states, progress], earlier.length === 0 ? await wanted.begin() : undefined);
    if (joined.watermark.length === 0) throw recreated(topic);
    await Promise.all(lanes.map((lane) => take(wanted, lane, takenBy(lane.state, topic, joined))));
    return { epoch: joined.epoch, ledger: joined.ledger };
  }

  /** Writes the new epoch into the lane's marker: a start with an older epoch finds the lane taken. */
  async function take({ stream }: Claim, { lane, state }: Lane, taken: LaneState): Promise<void> {
    const { transactionalId, markerGroup } = lanePublication(stream, lane);
    await inTransaction(kafka, transactionalId, async (transaction) => {
      const now = await admin.ask((connection) => fetchLane(connection, markerGroup));
      if (now.epoch !== state.epoch || now.batch !== state.batch) throw interrupted(stream);
      await transaction.sendOffsets({ consumerGroupId: markerGroup, topics: toLaneMarker(taken) });
      await transaction.commit();
    });
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
      kafkaCall('cannot list offsets', topic, async () => {
        const offsets = await admin.ask((connection) =>
          connection.fetchTopicOffsetsByTimestamp(topic, timestampMs),
        );
        return offsets.map(({ partition, offset }) => ({ partition, offset: toOffset(offset) }));
      }),

    claim: (wanted) => kafkaCall('cannot open the stream', wanted.stream, () => claim(wanted)),

    committed: (stream, topic) =>
      kafkaCall('cannot fetch offsets', streamGroup(stream), () => committed(stream, topic)),

    commit: (stream, topic, watermark) =>
      kafkaCall('cannot commit offsets', streamGroup(stream), () =>
        inTransaction(kafka, streamProgressTransaction(stream), async (transaction) => {
          const partitions = watermark.map(({ partition, offset }) => ({
            partition,
            offset: String(offset),
          }));
          await transaction.sendOffsets({
            consumerGroupId: streamGroup(stream),
            topics: [{ topic, partitions }],
          });
          await transaction.commit();
        }),
      ),
  };
}

function requireSameTopic({ stream, topic }: Claim, earlier: readonly LaneState[]): void {
  const other = earlier.find(({ source }) => source !== topic)?.source;
  if (other === undefined) return;
  throw new InvalidInput({
    what: 'a stream of this workflow id scores another topic',
    where: stream,
    expected: other,
    got: topic,
    hint: 'Start the stream under another workflow id, or with {"startOver": true} to discard its position',
  });
}

function recreated(topic: string): OffsetsOutOfRange {
  return new OffsetsOutOfRange({
    what: 'the topic was deleted and recreated since the stream was stopped',
    where: topic,
    expected: 'the topic that the stream has read',
    got: 'a topic without committed offsets of this stream',
    hint: 'Nothing was skipped. To score the present records, start the stream with {"startOver": true, "start": "earliest"}',
  });
}

function interrupted(stream: string): BrokerError {
  return new BrokerError({
    what: 'another start is opening the stream, or an earlier batch has just ended',
    where: stream,
    hint: 'Retried; if it persists, another Temporal namespace runs a stream of the same workflow id',
  });
}

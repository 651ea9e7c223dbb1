import type { StreamLog } from '../../../activities/scoring/stream-log.ts';
import { BrokerError, InvalidInput, OffsetsOutOfRange, PositionLost } from '../../../domain/errors.ts';
import {
  lanePublication,
  progressPublication,
  streamGroup,
  type PublicationNames,
} from '../../../domain/names.ts';
import { joinLanes, takenBy, type LaneState } from '../../../domain/stream/lane.ts';
import type { PartitionOffset } from '../../../domain/stream/stream-plan.ts';
import { toOffset } from '../../../domain/log/offsets.ts';
import { fetchOffsetRetentionMs, type KafkaAdmin } from '../admin.ts';
import { fetchLane, toLaneMarker, toProgressMarker } from './lane.ts';
import { toLaneState, type StoredPosition, type StoredPositions } from './positions.ts';
import type { Transactions } from '../transaction.ts';

interface Deps {
  readonly transactions: Transactions;
  readonly admin: KafkaAdmin;
  readonly positions: StoredPositions;
}

type Claim = Parameters<StreamLog['claim']>[0];

/** A lane's marker group, or the progress group. */
interface Place {
  /** Undefined: the progress group. */
  readonly lane: number | undefined;
  readonly names: PublicationNames;
  readonly state: LaneState;
}

/** Longer pauses would only risk more of the retention. */
const MAX_RENEWAL_MS = 3_600_000;
/** A few renewals may fail or be late. */
const RENEWALS_PER_RETENTION = 4;

/** Takes over the lanes of a stream, and finds where its last start was. */
export function createClaim({ transactions, admin, positions }: Deps): StreamLog['claim'] {
  /** Beginning a transaction ends the one that another attempt has open: the state that is read then is final. */
  async function readFenced(lane: number | undefined, names: PublicationNames): Promise<Place> {
    const state = await transactions.inTransaction(names.transactionalId, () => fetchState(names));
    return { lane, names, state };
  }

  function fetchState({ markerGroup }: PublicationNames): Promise<LaneState> {
    return admin.ask((connection) => fetchLane(connection, markerGroup));
  }

  /** The given number of lanes, and all that an earlier start has used. */
  async function lanesOf(stream: string, lanes: number): Promise<number[]> {
    const prefix = `${streamGroup(stream)}/lane-`;
    const { groups } = await admin.ask((connection) => connection.listGroups());
    const used = groups
      .filter(({ groupId }) => groupId.startsWith(prefix))
      .map(({ groupId }) => groupId.slice(prefix.length))
      .filter((lane) => /^\d+$/.test(lane))
      .map(Number);
    return [...new Set([...used, ...Array.from({ length: lanes }, (_, lane) => lane)])].sort((a, b) => a - b);
  }

  /** What earlier starts have committed; nothing before the first. @throws PositionLost when some of it is forgotten */
  async function findEarlier(
    { stream, topic }: Claim,
    places: readonly Place[],
    progress: LaneState,
  ): Promise<LaneState[]> {
    const earlier = places.map(({ state }) => state).filter(({ source }) => source !== undefined);
    requireSameTopic(stream, topic, earlier);
    // A broker drops the committed offsets of a deleted topic; those of the predictions remain.
    if (earlier.some(({ watermark }) => watermark.length === 0)) throw recreated(topic);
    const { epoch, lanes = 0 } = progress;
    const isComplete = places.every(({ lane = 0, state }) => lane >= lanes || state.epoch >= epoch);
    if (progress.source !== undefined && isComplete) return earlier;
    const stored = await positions.read(topic, stream);
    if (stored === undefined && isComplete) return earlier;
    const isKnown = stored?.isFinal && stored.epoch >= epoch && (await isSameLog(topic, stored));
    if (!isKnown) throw forgotten(stream, topic, stored?.watermark ?? progress.watermark);
    return [toLaneState(stored, topic), ...earlier];
  }

  /** A recreated topic has no records from before the stream's end. */
  async function isSameLog(topic: string, { watermark, atMs }: StoredPosition): Promise<boolean> {
    const later = await admin.ask((connection) => connection.fetchTopicOffsetsByTimestamp(topic, atMs));
    const first = new Map(later.map(({ partition, offset }) => [partition, toOffset(offset)]));
    return watermark.every(({ partition, offset }) => (first.get(partition) ?? -1) >= offset);
  }

  /** Writes the new epoch into the marker: a start with an older epoch finds it taken. */
  async function take(
    { stream, lanes }: Claim,
    { lane, names, state }: Place,
    taken: LaneState,
  ): Promise<void> {
    await transactions.inTransaction(names.transactionalId, async (transaction) => {
      const now = await fetchState(names);
      if (now.epoch !== state.epoch || now.batch !== state.batch) throw interrupted(stream);
      const topics = lane === undefined ? toProgressMarker({ ...taken, lanes }) : toLaneMarker(taken);
      await transaction.sendOffsets({ consumerGroupId: names.markerGroup, topics });
      await transaction.commit();
    });
  }

  return async (wanted) => {
    const { stream, topic, run, startOver } = wanted;
    await positions.ensureTopic(topic);
    const progress = await readFenced(undefined, progressPublication(stream));
    const lanes = await Promise.all(
      (await lanesOf(stream, Math.max(wanted.lanes, progress.state.lanes ?? 0))).map((lane) =>
        readFenced(lane, lanePublication(stream, lane)),
      ),
    );
    const places = [...lanes, progress];
    const earlier = startOver ? [] : await findEarlier(wanted, places, progress.state);
    const begin = earlier.length === 0 ? await wanted.begin() : undefined;
    const joined = joinLanes([...places.map(({ state }) => state), ...earlier], begin);
    const taken = ({ state }: Place): LaneState => takenBy(state, { source: topic, run }, joined);
    await Promise.all(lanes.map((lane) => take(wanted, lane, taken(lane))));
    // The last one: from now on, a lane without this epoch has been forgotten.
    const position = { ...taken(progress), batch: joined.ledger.nextBatch - 1 };
    await take(wanted, progress, position);
    await positions.store(topic, stream, { ...position, lanes: wanted.lanes, isFinal: false });
    const retentionMs = await admin.ask(fetchOffsetRetentionMs);
    const renewEveryMs = Math.min(MAX_RENEWAL_MS, retentionMs / RENEWALS_PER_RETENTION);
    return { epoch: joined.epoch, ledger: joined.ledger, renewEveryMs };
  };
}

function requireSameTopic(stream: string, topic: string, earlier: readonly LaneState[]): void {
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

function forgotten(stream: string, topic: string, last: readonly PartitionOffset[]): PositionLost {
  const offsets = Object.fromEntries(last.map(({ partition, offset }) => [partition, offset]));
  return new PositionLost({
    what: 'the broker has forgotten the position of the stream, which was not running for too long',
    where: `${stream}, topic ${topic}`,
    expected: 'offsets that the stream has committed, which a broker keeps for offsets.retention.minutes',
    got: `none; it had finished everything before ${JSON.stringify(offsets)}, and perhaps more`,
    hint:
      'Find the newest "source" in the predictions, then start the stream with {"startOver": true, "start": ' +
      '{"offsets": …}} behind it; nothing was scored again or skipped',
  });
}

function interrupted(stream: string): BrokerError {
  return new BrokerError({
    what: 'another start is opening the stream, or an earlier batch has just ended',
    where: stream,
    hint: 'Retried; if it persists, another Temporal namespace runs a stream of the same workflow id',
  });
}

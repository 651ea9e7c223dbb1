import { EMPTY_CONTENT_HASH } from '../log/content-hash.ts';
import { manifestTotals, type OffsetRange, type TopicManifest } from '../log/offsets.ts';
import { PositionLost, StreamOvertaken } from '../errors.ts';
import type { PlannedBatch } from './batch.ts';
import { covers, highest, mergeRanges, overlaps, resumeFrom, type PartitionOffset } from './stream-plan.ts';
import type { LedgerState } from './stream-ledger.ts';
import type { LaneClaim } from './workflow-inputs.ts';

/** A batch of a stream, among the batches of all its starts. */
export interface LanePosition {
  readonly epoch: number;
  readonly batch: number;
}

/** What the marker of a lane says: facts that stay true, whatever is committed later. */
export interface LaneState extends LanePosition {
  /** 0 before the first claim. */
  readonly epoch: number;
  /** The newest batch that has committed; -1 before the first. */
  readonly batch: number;
  /** Run id of the execution that may write; a reset makes another one with the same epoch. */
  readonly run?: string;
  /** The topic that is scored; undefined before the first claim. */
  readonly source: string | undefined;
  /** By partition: everything before is finished. Empty when the topic was deleted. */
  readonly watermark: readonly PartitionOffset[];
  /** Beyond the watermark. */
  readonly finished: readonly OffsetRange[];
  /** The last batch that wrote, usually the newest; a retry is an older one. */
  readonly written: number;
  /** What it wrote. */
  readonly manifests: readonly TopicManifest[];
  /** Of the progress group only: a start has taken lanes 0 to `lanes` - 1. */
  readonly lanes?: number;
  /** Committed batches that their stream believes to have failed: it may retry them. */
  readonly kept: readonly KeptBatch[];
}

export const UNCLAIMED: LaneState = {
  epoch: 0,
  batch: -1,
  source: undefined,
  watermark: [],
  finished: [],
  written: -1,
  manifests: [],
  kept: [],
};

export interface KeptBatch {
  readonly batch: number;
  /** By topic. */
  readonly records: readonly number[];
}

/** The batch that an attempt publishes. */
export interface LaneBatch extends PlannedBatch, LaneClaim {
  readonly topic: string;
}

/**
 * What an earlier attempt has committed; undefined if none did. Final only after the lane's other attempts were fenced.
 *
 * @param topics that a batch writes to
 * @throws StreamOvertaken, PositionLost when the batch must not be published
 */
export function findInLane(
  lane: LaneState,
  mine: LaneBatch,
  topics: readonly string[],
): readonly TopicManifest[] | undefined {
  requireClaimed(lane, mine);
  const published = findPublished(lane, mine.batch, topics);
  // Another attempt may have left another rest of the batch, which would be lost or scored twice.
  if (published && covers(mine.ranges, lane.watermark, lane.finished)) return published;
  const isNext = published === undefined && (mine.batch > lane.batch || mine.isRetry === true);
  if (isNext && !overlaps(mine.ranges, lane.watermark, lane.finished)) return undefined;
  throw overtaken(lane, mine);
}

function findPublished(
  { written, manifests, kept }: LaneState,
  batch: number,
  topics: readonly string[],
): readonly TopicManifest[] | undefined {
  if (written === batch) {
    return topics.map(
      (name) => manifests.find(({ topic }) => topic === name) ?? { topic: name, partitions: [] },
    );
  }
  const found = kept.find((one) => one.batch === batch);
  return found && topics.map((topic, i) => toCount(topic, found.records[i] ?? 0));
}

interface Claimed extends LanePosition {
  readonly topic: string;
  readonly run: string;
  /** The run that continued as this one, before it has signed the lane. */
  readonly continues?: string;
}

/** @throws StreamOvertaken when a later start has taken the lane; PositionLost when its marker is gone */
export function requireClaimed(lane: LaneState, mine: Claimed): void {
  if (lane.epoch > mine.epoch) throw overtaken(lane, mine);
  if (lane.epoch < mine.epoch || lane.watermark.length === 0) throw lost(mine);
  if (lane.run !== mine.run && lane.run !== mine.continues) throw overtaken(lane, mine);
}

/** The marker to commit with the records of a batch. It keeps what the batch's stream may not know. */
export function afterBatch(lane: LaneState, mine: LaneBatch, manifests: readonly TopicManifest[]): LaneState {
  const last = { batch: lane.written, records: lane.manifests.map((one) => manifestTotals(one).records) };
  const { watermark, finished } = renewed(lane, {
    watermark: mine.watermark,
    finished: [...mine.finished, ...mine.ranges],
  });
  return {
    epoch: mine.epoch,
    run: mine.run,
    batch: Math.max(lane.batch, mine.batch),
    source: mine.topic,
    watermark,
    finished,
    written: mine.batch,
    manifests,
    // A later batch may have failed after this attempt began: a late retry does not know.
    kept: [...lane.kept, last].filter(({ batch }) => batch > mine.batch || mine.failed.includes(batch)),
  };
}

type Known = Pick<LaneState, 'run' | 'watermark' | 'finished'>;

/** The same marker, with what its stream has finished since. */
export function renewed(lane: LaneState, known: Known): LaneState {
  const watermark = highest([...lane.watermark, ...known.watermark]);
  const finished = mergeRanges([...lane.finished, ...known.finished], watermark);
  return { ...lane, ...(known.run !== undefined && { run: known.run }), watermark, finished };
}

export interface JoinedLanes {
  /** Of the next start. */
  readonly epoch: number;
  readonly ledger: LedgerState;
}

/** Where the next start continues, by the final markers of all lanes. @param begin where it begins without a position */
export function joinLanes(
  states: readonly LaneState[],
  begin?: readonly PartitionOffset[],
): JoinedLanes & { readonly watermark: readonly PartitionOffset[] } {
  const watermark = begin ?? highest(states.flatMap((state) => state.watermark));
  const finished = begin
    ? []
    : mergeRanges(
        states.flatMap((state) => state.finished),
        watermark,
      );
  const nextBatch = 1 + Math.max(...states.map(({ batch }) => batch));
  return {
    epoch: 1 + Math.max(...states.map(({ epoch }) => epoch)),
    watermark,
    ledger: { nextBatch, finished, ...resumeFrom(watermark, finished) },
  };
}

/** What a new start writes into each lane: an attempt with an older epoch finds the lane taken. */
export function takenBy(
  lane: LaneState,
  { source, run }: { readonly source: string; readonly run: string },
  { epoch, watermark, ledger: { finished } }: ReturnType<typeof joinLanes>,
): LaneState {
  return { epoch, run, batch: lane.batch, source, watermark, finished, written: -1, manifests: [], kept: [] };
}

/** Only the number of these records is still known. */
function toCount(topic: string, records: number): TopicManifest {
  const nowhere = { partition: 0, offsetFrom: 0, offsetTo: 0, contentHash: EMPTY_CONTENT_HASH };
  return { topic, partitions: records === 0 ? [] : [{ ...nowhere, records }] };
}

function overtaken(newest: LaneState, mine: Claimed): StreamOvertaken {
  const isSameRun = newest.run === mine.run;
  const describe = ({ epoch, batch, run = 'none' }: Pick<LaneState, 'epoch' | 'batch' | 'run'>) =>
    `start ${epoch}, batch ${batch}${isSameRun ? '' : `, run ${run}`}`;
  return new StreamOvertaken({
    what: 'the stream has continued without this batch',
    where: mine.topic,
    expected: `${describe(mine)} to come next`,
    got: describe(newest),
    hint: 'Nothing was written. After a reset, end this stream and start it again: it continues where it was',
  });
}

function lost({ topic, epoch }: Claimed): PositionLost {
  return new PositionLost({
    what: 'the topic was deleted and recreated, or the broker has lost the stream’s offsets',
    where: topic,
    expected: `the marker of start ${epoch}`,
    got: 'none',
    hint: 'Nothing was written. Start the stream again: it continues, or says what is lost',
  });
}

import type { Admin, TopicOffsets } from 'kafkajs';
import type { OffsetRange, PartitionManifest } from '../../../domain/log/offsets.ts';
import { predictionsTopic } from '../../../domain/names.ts';
import type { LanePosition, LaneState } from '../../../domain/stream/lane.ts';
import { EMPTY_PARTITION_0, fetchCommits, toCommit, toPartitionManifests, type Commit } from '../marker.ts';

/**
 * The marker of a lane of a continuous stream: offsets committed on the lane's group in the transaction of a batch.
 * Those of the source topic say how far the whole stream was finished; those of the written topics say where the records
 * of the batch went. Partition 0 of the predictions is always committed.
 */
interface SourceMetadata extends LanePosition {
  /** Of the finished ranges, each as the distance from the end of the one before, and its length: 4 kB hold hundreds. */
  readonly done: readonly number[];
  /** In the progress group. */
  readonly lanes?: number;
  readonly run?: string;
}

interface WrittenMetadata extends LanePosition {
  readonly source: string;
  readonly from: number;
  readonly records: number;
  readonly hash: string;
  /** On partition 0 of the predictions. */
  readonly kept?: readonly (readonly [batch: number, ...records: number[]])[];
}

type LaneCommit = Commit<SourceMetadata | WrittenMetadata>;

export function toLaneMarker(lane: LaneState): TopicOffsets[] {
  const { epoch, source, written, manifests, kept } = lane;
  if (source === undefined) return [];
  const first = predictionsTopic(source);
  const toWritten = (topic: string) => (manifest: PartitionManifest) => {
    const { partition, offsetFrom, offsetTo, records, contentHash } = manifest;
    return toCommit(partition, offsetTo, {
      epoch,
      batch: written,
      source,
      from: offsetFrom,
      records,
      hash: contentHash,
      ...(topic === first && partition === 0 && { kept: kept.map((one) => [one.batch, ...one.records]) }),
    } satisfies WrittenMetadata);
  };
  const predictions = manifests.find(({ topic }) => topic === first)?.partitions ?? [];
  const others = manifests.filter(({ topic }) => topic !== first);
  return [
    ...toProgressMarker(lane),
    ...[{ topic: first, partitions: withPartition0(predictions) }, ...others].map(
      ({ topic, partitions }) => ({
        topic,
        partitions: partitions.map(toWritten(topic)),
      }),
    ),
  ].filter(({ partitions }) => partitions.length > 0);
}

/** Without what was written: Kafka's lag tools show all topics of a group. */
export function toProgressMarker(lane: LaneState): TopicOffsets[] {
  const { epoch, batch, run, source, watermark, finished, lanes } = lane;
  if (source === undefined) return [];
  const partitions = watermark.map(({ partition, offset }) => {
    const own = finished.filter((range) => range.partition === partition);
    const done = toGaps(offset, own);
    return toCommit(partition, offset, {
      epoch,
      batch,
      done,
      ...(run !== undefined && { run }),
      ...(lanes !== undefined && { lanes }),
    } satisfies SourceMetadata);
  });
  return [{ topic: source, partitions }];
}

export async function fetchLane(admin: Admin, groupId: string): Promise<LaneState> {
  return readLane(await fetchCommits<SourceMetadata | WrittenMetadata>(admin, groupId));
}

function readLane(commits: readonly LaneCommit[]): LaneState {
  const head = newestOf(commits.filter(isWritten).filter(({ metadata }) => metadata.kept !== undefined));
  // A stream that started over may have scored another topic before.
  const source = head?.metadata.source ?? newestOf(commits.filter(isSource))?.topic;
  const sources = commits.filter(isSource).filter(({ topic }) => topic === source);
  const current = commits
    .filter(isWritten)
    .filter(
      ({ metadata: { epoch, batch } }) => epoch === head?.metadata.epoch && batch === head.metadata.batch,
    );
  const { epoch, batch } = newestOf(commits)?.metadata ?? { epoch: 0, batch: -1 };
  const topics = new Set(current.map(({ topic }) => topic));
  const { lanes, run } = sources[0]?.metadata ?? {};
  return {
    epoch,
    batch,
    ...(lanes !== undefined && { lanes }),
    ...(run !== undefined && { run }),
    source,
    watermark: sources.map(({ partition, offset }) => ({ partition, offset })),
    finished: sources.flatMap(fromGaps),
    written: head?.metadata.batch ?? -1,
    manifests: [...topics].map((topic) => ({
      topic,
      partitions: toPartitionManifests(current.filter((commit) => commit.topic === topic)),
    })),
    kept: (head?.metadata.kept ?? []).map(([batch, ...records]) => ({ batch, records })),
  };
}

function toGaps(from: number, ranges: readonly OffsetRange[]): number[] {
  let end = from;
  return ranges.flatMap(({ offsetFrom, offsetTo }) => {
    const gap = offsetFrom - end;
    end = offsetTo;
    return [gap, offsetTo - offsetFrom];
  });
}

function fromGaps({ partition, offset, metadata: { done } }: Commit<SourceMetadata>): OffsetRange[] {
  const ranges: OffsetRange[] = [];
  let end = offset;
  for (let i = 0; i < done.length; i += 2) {
    const offsetFrom = end + (done[i] ?? 0);
    end = offsetFrom + (done[i + 1] ?? 0);
    ranges.push({ partition, offsetFrom, offsetTo: end });
  }
  return ranges;
}

function newestOf<T extends LaneCommit>(commits: readonly T[]): T | undefined {
  return commits.reduce<T | undefined>(
    (newest, next) => (newest && !isNewer(next.metadata, newest.metadata) ? newest : next),
    undefined,
  );
}

/** Epochs first, then batches. */
function isNewer(a: LanePosition, b: LanePosition): boolean {
  return a.epoch > b.epoch || (a.epoch === b.epoch && a.batch > b.batch);
}

function isSource(commit: LaneCommit): commit is Commit<SourceMetadata> {
  return 'done' in commit.metadata;
}

function isWritten(commit: LaneCommit): commit is Commit<WrittenMetadata> {
  return 'source' in commit.metadata;
}

function withPartition0(partitions: readonly PartitionManifest[]): readonly PartitionManifest[] {
  const hasPartition0 = partitions.some(({ partition }) => partition === 0);
  return hasPartition0 ? partitions : [EMPTY_PARTITION_0, ...partitions];
}

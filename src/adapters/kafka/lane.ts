import type { Admin, TopicOffsets } from 'kafkajs';
import type { LaneBatch } from '../../activities/log/record-log.ts';
import type { OffsetRange, PartitionManifest, TopicManifest } from '../../domain/log/offsets.ts';
import type { PartitionOffset } from '../../domain/stream/stream-plan.ts';
import { EMPTY_PARTITION_0, fetchCommits, toCommit, toPartitionManifests, type Commit } from './marker.ts';

/**
 * The marker of a lane of a continuous stream: offsets committed on the lane's group in the transaction of its newest
 * batch. Those of the source topic say how far the whole stream was finished when the batch was started; those of the
 * written topics say where the records of the batch went.
 */
export interface LaneState {
  /** 0 before the first claim. */
  readonly epoch: number;
  /** The newest batch; -1 before the first. */
  readonly batch: number;
  /** The topic that is scored; undefined before the first claim. */
  readonly source: string | undefined;
  readonly watermark: readonly PartitionOffset[];
  /** The newest batch's ranges, and what else was finished beyond the watermark when the batch was started. */
  readonly finished: readonly OffsetRange[];
  /** What the newest batch wrote. */
  readonly manifests: readonly TopicManifest[];
}

/** A batch of a stream, among the batches of all its starts. */
export interface LanePosition {
  readonly epoch: number;
  readonly batch: number;
}

interface SourceMetadata extends LanePosition {
  readonly done: readonly (readonly [from: number, to: number])[];
}

interface WrittenMetadata extends LanePosition {
  readonly source: string;
  readonly from: number;
  readonly records: number;
  readonly hash: string;
}

/** @param manifests of the written topics, the predictions first: partition 0 of the first always carries the marker */
export function toLaneMarker(
  { epoch, batch, topic, ranges, watermark, finished }: LaneBatch,
  manifests: readonly TopicManifest[],
): TopicOffsets[] {
  const source = watermark.map(({ partition, offset }) => {
    const done = [...ranges, ...finished]
      .filter((range) => range.partition === partition)
      .map(({ offsetFrom, offsetTo }): [number, number] => [offsetFrom, offsetTo]);
    return toCommit(partition, offset, { epoch, batch, done } satisfies SourceMetadata);
  });
  const toWritten = ({ partition, offsetFrom, offsetTo, records, contentHash }: PartitionManifest) =>
    toCommit(partition, offsetTo, {
      epoch,
      batch,
      source: topic,
      from: offsetFrom,
      records,
      hash: contentHash,
    } satisfies WrittenMetadata);
  const written = manifests.map(({ topic: name, partitions }, i) => ({
    topic: name,
    partitions: (i === 0 ? withPartition0(partitions) : partitions).map(toWritten),
  }));
  return [{ topic, partitions: source }, ...written].filter(({ partitions }) => partitions.length > 0);
}

export async function fetchLane(admin: Admin, groupId: string): Promise<LaneState> {
  const commits = await fetchCommits<SourceMetadata | WrittenMetadata>(admin, groupId);
  const newest = commits
    .map(({ metadata: { epoch, batch } }): LanePosition => ({ epoch, batch }))
    .reduce((a, b) => (isNewer(b, a) ? b : a), { epoch: 0, batch: -1 });
  const written = commits.filter(isWritten);
  const sources = commits.filter(isSource);
  const current = written.filter(({ metadata }) => !isNewer(newest, metadata));
  const topics = new Set(current.map(({ topic }) => topic));
  return {
    ...newest,
    source: written.at(-1)?.metadata.source ?? sources.at(-1)?.topic,
    watermark: sources.map(({ partition, offset }) => ({ partition, offset })),
    finished: sources.flatMap(({ partition, metadata }) =>
      metadata.done.map(([offsetFrom, offsetTo]) => ({ partition, offsetFrom, offsetTo })),
    ),
    manifests: [...topics].map((topic) => ({
      topic,
      partitions: toPartitionManifests(current.filter((commit) => commit.topic === topic)),
    })),
  };
}

/** Epochs first, then batches. */
export function isNewer(a: LanePosition, b: LanePosition): boolean {
  return a.epoch > b.epoch || (a.epoch === b.epoch && a.batch > b.batch);
}

function isSource(commit: Commit<SourceMetadata | WrittenMetadata>): commit is Commit<SourceMetadata> {
  return 'done' in commit.metadata;
}

function isWritten(commit: Commit<SourceMetadata | WrittenMetadata>): commit is Commit<WrittenMetadata> {
  return 'source' in commit.metadata;
}

function withPartition0(partitions: readonly PartitionManifest[]): readonly PartitionManifest[] {
  const hasPartition0 = partitions.some(({ partition }) => partition === 0);
  return hasPartition0 ? partitions : [EMPTY_PARTITION_0, ...partitions];
}

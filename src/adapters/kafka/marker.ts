import type { Admin, PartitionOffset, TopicOffsets } from 'kafkajs';
import { EMPTY_CONTENT_HASH } from '../../domain/log/content-hash.ts';
import { toOffset, type PartitionManifest, type TopicManifest } from '../../domain/log/offsets.ts';
import { unpublished, type PublicationProgress } from '../../domain/log/publication.ts';

/**
 * A publication's marker: offsets committed on a synthetic consumer group in the transaction of the records. The
 * committed offset of a partition is the end of the records written there, and its metadata holds the rest of the
 * partition's manifest, so no metadata outgrows the broker's limit of 4 kB.
 *
 * A publication in several transactions commits all its partitions anew in each: one look finds them of the same age.
 */
interface MarkerMetadata {
  readonly from: number;
  readonly records: number;
  readonly hash: string;
  /** More transactions may follow: not a completion marker. */
  readonly partial?: true;
}

export function toMarker(manifests: readonly TopicManifest[], isPartial = false): TopicOffsets[] {
  const mark = ({ topic, partitions }: TopicManifest): TopicOffsets => ({
    topic,
    partitions: partitions.map((partition) => toMarked(partition, isPartial)),
  });
  const marker = manifests.filter(({ partitions }) => partitions.length > 0).map(mark);
  if (marker.length > 0) return marker;
  // An empty publication needs a marker, too.
  return manifests.slice(0, 1).map(({ topic }) => mark({ topic, partitions: [EMPTY_PARTITION_0] }));
}

/** Carries a marker where no record was written. */
export const EMPTY_PARTITION_0: PartitionManifest = {
  partition: 0,
  offsetFrom: 0,
  offsetTo: 0,
  records: 0,
  contentHash: EMPTY_CONTENT_HASH,
};

function toMarked(
  { partition, offsetFrom, offsetTo, records, contentHash }: PartitionManifest,
  isPartial: boolean,
) {
  const metadata: MarkerMetadata = {
    from: offsetFrom,
    records,
    hash: contentHash,
    ...(isPartial && { partial: true }),
  };
  return toCommit(partition, offsetTo, metadata);
}

/** The manifests of a complete publication, one per topic in the order given; undefined while it is not complete. */
export async function fetchMarker(
  admin: Admin,
  groupId: string,
  topics: readonly string[],
): Promise<TopicManifest[] | undefined> {
  const commits = await fetchCommits<MarkerMetadata>(admin, groupId);
  if (commits.length === 0 || commits.some(({ metadata }) => metadata.partial)) return undefined;
  return topics.map((topic) => toManifest(topic, commits));
}

/** How far a publication in several transactions is. */
export async function fetchProgress(
  admin: Admin,
  groupId: string,
  topic: string,
): Promise<PublicationProgress> {
  const commits = await fetchCommits<MarkerMetadata>(admin, groupId);
  if (commits.length === 0) return unpublished(topic);
  return {
    manifest: toManifest(topic, commits),
    isComplete: !commits.some(({ metadata }) => metadata.partial),
  };
}

function toManifest(topic: string, commits: readonly Commit<MarkerMetadata>[]): TopicManifest {
  return { topic, partitions: toPartitionManifests(commits.filter((commit) => commit.topic === topic)) };
}

/** An offset committed with JSON as its metadata. */
export interface Commit<T> {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly metadata: T;
}

/** `sendOffsets` passes metadata on to the broker, but its types do not declare it. */
export function toCommit(
  partition: number,
  offset: number,
  metadata: object,
): PartitionOffset & { readonly metadata: string } {
  return { partition, offset: String(offset), metadata: JSON.stringify(metadata) };
}

/**
 * All that the group has committed. Without the names of topics: for those, kafkajs asks only for the partitions that
 * it knew five minutes ago.
 */
export async function fetchCommits<T>(admin: Admin, groupId: string): Promise<Commit<T>[]> {
  const committed = await admin.fetchOffsets({ groupId });
  return committed.flatMap(({ topic, partitions }) =>
    partitions
      .map(({ partition, offset, metadata }) => ({ topic, partition, offset: toOffset(offset), metadata }))
      .filter(({ offset, metadata }) => offset >= 0 && metadata)
      .map(({ metadata, ...commit }) => ({ ...commit, metadata: JSON.parse(metadata ?? '') as T })),
  );
}

/** By partition; without those to which nothing was written. */
export function toPartitionManifests(commits: readonly Commit<MarkerMetadata>[]): PartitionManifest[] {
  return commits
    .filter(({ metadata }) => metadata.records > 0)
    .map(({ partition, offset, metadata: { from, records, hash } }) => ({
      partition,
      offsetFrom: from,
      offsetTo: offset,
      records,
      contentHash: hash,
    }))
    .sort((a, b) => a.partition - b.partition);
}

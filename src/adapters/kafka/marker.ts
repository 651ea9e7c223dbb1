import type { Admin, PartitionOffset, TopicOffsets } from 'kafkajs';
import { EMPTY_CONTENT_HASH } from '../../domain/log/content-hash.ts';
import { toOffset, type TopicManifest } from '../../domain/log/offsets.ts';

/**
 * A publication's completion marker: offsets committed on a synthetic consumer group in the transaction of the records.
 * The committed offset of a partition is the end of what was written there, the metadata says the rest, so the marker
 * is the manifest, and no partition's share of it can outgrow the broker's limit on metadata (4 kB).
 */
interface MarkerMetadata {
  readonly from: number;
  readonly records: number;
  readonly hash: string;
}

/** `sendOffsets` passes metadata on to the broker; its types forgot. */
interface MarkedOffset extends PartitionOffset {
  readonly metadata: string;
}

export function toMarker(manifests: readonly TopicManifest[]): TopicOffsets[] {
  const marker = manifests
    .filter(({ partitions }) => partitions.length > 0)
    .map(({ topic, partitions }) => ({
      topic,
      partitions: partitions.map(
        ({ partition, offsetFrom, offsetTo, records, contentHash }): MarkedOffset => ({
          partition,
          offset: String(offsetTo),
          metadata: JSON.stringify({ from: offsetFrom, records, hash: contentHash } satisfies MarkerMetadata),
        }),
      ),
    }));
  return marker.length > 0 ? marker : nothingWritten(manifests);
}

/** An empty publication needs its marker too. */
function nothingWritten([first]: readonly TopicManifest[]): TopicOffsets[] {
  const metadata = JSON.stringify({ from: 0, records: 0, hash: EMPTY_CONTENT_HASH } satisfies MarkerMetadata);
  const marked: MarkedOffset = { partition: 0, offset: '0', metadata };
  return first ? [{ topic: first.topic, partitions: [marked] }] : [];
}

/** The manifests that an earlier attempt committed, one per topic in the order given; undefined if none did. */
export async function fetchMarker(
  admin: Admin,
  groupId: string,
  topics: readonly string[],
): Promise<TopicManifest[] | undefined> {
  const committed = await admin.fetchOffsets({ groupId, topics: [...topics] });
  const marked = committed.flatMap(({ topic, partitions }) =>
    partitions
      .filter(({ offset, metadata }) => toOffset(offset) >= 0 && metadata)
      .map(({ partition, offset, metadata }) => {
        const { from, records, hash } = JSON.parse(metadata ?? '') as MarkerMetadata;
        const offsetTo = toOffset(offset);
        return { topic, manifest: { partition, offsetFrom: from, offsetTo, records, contentHash: hash } };
      }),
  );
  if (marked.length === 0) return undefined;
  return topics.map((topic) => ({
    topic,
    partitions: marked
      .filter((entry) => entry.topic === topic && entry.manifest.records > 0)
      .map(({ manifest }) => manifest)
      .sort((a, b) => a.partition - b.partition),
  }));
}

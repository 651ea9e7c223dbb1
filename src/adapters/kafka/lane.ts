import type { Admin, PartitionOffset as CommittedOffset, TopicOffsets } from 'kafkajs';
import type { LaneBatch } from '../../activities/log/record-log.ts';
import { EMPTY_CONTENT_HASH } from '../../domain/log/content-hash.ts';
import {
  toOffset,
  type OffsetRange,
  type PartitionManifest,
  type TopicManifest,
} from '../../domain/log/offsets.ts';
import type { PartitionOffset } from '../../domain/stream/stream-plan.ts';

/**
 * The marker of a lane of a continuous stream: offsets committed on the lane's group in the transaction of its newest
 * batch. Committed on the source topic, they say how far the whole stream was finished when the batch was started; on
 * the topics that were written, where the records of the batch went.
 */
export interface LaneState {
  /** 0 when nobody has claimed the lane yet. */
  readonly epoch: number;
  /** The newest batch, -1 when there was none. */
  readonly batch: number;
  /** The topic that is scored; undefined before the first claim. */
  readonly source: string | undefined;
  readonly watermark: readonly PartitionOffset[];
  /** The newest batch's ranges, and what else was finished beyond the watermark when it was started. */
  readonly finished: readonly OffsetRange[];
  /** What the newest batch wrote. */
  readonly manifests: readonly TopicManifest[];
}

interface SourceMetadata {
  readonly epoch: number;
  readonly batch: number;
  readonly done: readonly (readonly [from: number, to: number])[];
}

interface WrittenMetadata {
  readonly epoch: number;
  readonly batch: number;
  readonly source: string;
  readonly from: number;
  readonly records: number;
  readonly hash: string;
}

interface MarkedOffset extends CommittedOffset {
  readonly metadata: string;
}

/** @param manifests of the topics written, the predictions first; its partition 0 always carries the lane's name tag */
export function toLaneMarker(
  { epoch, batch, topic, ranges, watermark, finished }: LaneBatch,
  manifests: readonly TopicManifest[],
): TopicOffsets[] {
  const source = watermark.map(({ partition, offset }) => {
    const done = [...ranges, ...finished]
      .filter((range) => range.partition === partition)
      .map(({ offsetFrom, offsetTo }): [number, number] => [offsetFrom, offsetTo]);
    return marked(partition, offset, { epoch, batch, done } satisfies SourceMetadata);
  });
  const written = manifests.map(({ topic: name, partitions }, i) => ({
    topic: name,
    partitions: (i === 0 ? withPartition0(partitions) : partitions).map(
      ({ partition, offsetFrom, offsetTo, records, contentHash }) =>
        marked(partition, offsetTo, {
          ...{ epoch, batch, source: topic, from: offsetFrom, records, hash: contentHash },
        } satisfies WrittenMetadata),
    ),
  }));
  return [{ topic, partitions: source }, ...written].filter(({ partitions }) => partitions.length > 0);
}

export async function fetchLane(admin: Admin, groupId: string): Promise<LaneState> {
  const committed = await admin.fetchOffsets({ groupId });
  const entries = committed.flatMap(({ topic, partitions }) =>
    partitions
      .filter(({ offset, metadata }) => toOffset(offset) >= 0 && metadata)
      .map(({ partition, offset, metadata }) => ({
        ...{ topic, partition, offset: toOffset(offset) },
        said: JSON.parse(metadata ?? '') as SourceMetadata | WrittenMetadata,
      })),
  );
  const newest = entries
    .map(({ said: { epoch, batch } }) => ({ epoch, batch }))
    .reduce((a, b) => (isNewer(b, a) ? b : a), { epoch: 0, batch: -1 });
  const written = entries.flatMap(({ said, ...at }) => ('source' in said ? [{ ...at, said }] : []));
  const sources = entries.flatMap(({ said, ...at }) => ('done' in said ? [{ ...at, said }] : []));
  const current = written.filter(({ said }) => !isNewer(newest, said));
  return {
    ...newest,
    source: written.at(-1)?.said.source ?? sources.at(-1)?.topic,
    watermark: sources.map(({ partition, offset }) => ({ partition, offset })),
    finished: sources.flatMap(({ partition, said }) =>
      said.done.map(([offsetFrom, offsetTo]) => ({ partition, offsetFrom, offsetTo })),
    ),
    manifests: [...new Set(current.map(({ topic }) => topic))].map((topic) => ({
      topic,
      partitions: current
        .filter((entry) => entry.topic === topic && entry.said.records > 0)
        .map(({ partition, offset, said: { from, records, hash } }) => ({
          ...{ partition, offsetFrom: from, offsetTo: offset, records, contentHash: hash },
        }))
        .sort((a, b) => a.partition - b.partition),
    })),
  };
}

/** Epochs first, then batches. */
export function isNewer(
  a: { readonly epoch: number; readonly batch: number },
  b: { readonly epoch: number; readonly batch: number },
): boolean {
  return a.epoch > b.epoch || (a.epoch === b.epoch && a.batch > b.batch);
}

function withPartition0(partitions: readonly PartitionManifest[]): readonly PartitionManifest[] {
  if (partitions.some(({ partition }) => partition === 0)) return partitions;
  const nothing = { offsetFrom: 0, offsetTo: 0, records: 0, contentHash: EMPTY_CONTENT_HASH };
  return [{ partition: 0, ...nothing }, ...partitions];
}

/** `sendOffsets` passes metadata on to the broker; its types forgot. */
function marked(partition: number, offset: number, metadata: object): MarkedOffset {
  return { partition, offset: String(offset), metadata: JSON.stringify(metadata) };
}

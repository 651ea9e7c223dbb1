import { combineContentHashes } from './content-hash.ts';

/** Part of a partition. Offsets are not consecutive (transaction markers, compaction): never derive a count. */
export interface OffsetRange {
  readonly partition: number;
  /** Inclusive. */
  readonly offsetFrom: number;
  /** Exclusive. */
  readonly offsetTo: number;
}

/** What one publication put into one partition. */
export interface PartitionManifest extends OffsetRange {
  readonly records: number;
  readonly contentHash: string;
}

/** What one publication put into one topic; what is read back is compared with it. */
export interface TopicManifest {
  readonly topic: string;
  readonly partitions: readonly PartitionManifest[];
}

export interface ManifestTotals {
  readonly records: number;
  readonly contentHash: string;
}

export function manifestTotals(manifest: TopicManifest): ManifestTotals {
  return {
    records: manifest.partitions.reduce((sum, partition) => sum + partition.records, 0),
    contentHash: combineContentHashes(manifest.partitions.map((partition) => partition.contentHash)),
  };
}

/**
 * Kafka's 64-bit offset, a decimal string, as a number. At a million records a second a partition
 * reaches 2^53 after 285 years, so the loss is refused rather than handled.
 */
export function toOffset(text: string): number {
  const offset = /^-?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(offset)) throw new RangeError(`offset ${text} is not a safe integer`);
  return offset;
}

/** `a1[0]@700..799, a1[2]@0..17`: as Kafka's own tools print places. Both ends inclusive. */
export function describeRanges(topic: string, ranges: readonly OffsetRange[]): string {
  return ranges
    .map(({ partition, offsetFrom, offsetTo }) => `${topic}[${partition}]@${offsetFrom}..${offsetTo - 1}`)
    .join(', ');
}

/**
 * Cuts ranges into micro-batches of at most `batchRows` offsets, filling each from as many partitions as it takes.
 * Batch `i` depends on the arguments alone, so a replay or a reset plans the same batches.
 */
export function planMicroBatches(ranges: readonly OffsetRange[], batchRows: number): OffsetRange[][] {
  const batches: OffsetRange[][] = [];
  let current: OffsetRange[] = [];
  let room = batchRows;
  for (const { partition, offsetFrom, offsetTo } of ranges) {
    for (let from = offsetFrom; from < offsetTo;) {
      const to = Math.min(offsetTo, from + room);
      current.push({ partition, offsetFrom: from, offsetTo: to });
      room -= to - from;
      from = to;
      if (room === 0) {
        batches.push(current);
        current = [];
        room = batchRows;
      }
    }
  }
  if (current.length > 0) batches.push(current);
  return batches;
}

/** What is left of ranges without others that end where they end. */
export function beforeRanges(ranges: readonly OffsetRange[], rest: readonly OffsetRange[]): OffsetRange[] {
  return ranges
    .map((range) => {
      const cut = rest.find(
        ({ partition, offsetTo }) => partition === range.partition && offsetTo === range.offsetTo,
      );
      return cut ? { ...range, offsetTo: Math.max(range.offsetFrom, cut.offsetFrom) } : range;
    })
    .filter(({ offsetFrom, offsetTo }) => offsetFrom < offsetTo);
}

/** An upper bound of the records. */
export function countOffsets(ranges: readonly OffsetRange[]): number {
  return ranges.reduce((sum, { offsetFrom, offsetTo }) => sum + offsetTo - offsetFrom, 0);
}

/** One manifest over disjoint publications to the same topic; its ranges may span records of other publications. */
export function mergeManifests(topic: string, manifests: readonly TopicManifest[]): TopicManifest {
  const merged = new Map<number, PartitionManifest>();
  for (const next of manifests.flatMap(({ partitions }) => partitions)) {
    const known = merged.get(next.partition);
    merged.set(
      next.partition,
      known
        ? {
            partition: next.partition,
            offsetFrom: Math.min(known.offsetFrom, next.offsetFrom),
            offsetTo: Math.max(known.offsetTo, next.offsetTo),
            records: known.records + next.records,
            contentHash: combineContentHashes([known.contentHash, next.contentHash]),
          }
        : next,
    );
  }
  return { topic, partitions: [...merged.values()].sort((a, b) => a.partition - b.partition) };
}

import type { OffsetRange } from '../log/offsets.ts';

/** Everything before `offset` is planned, finished, or not wanted. */
export interface PartitionOffset {
  readonly partition: number;
  readonly offset: number;
}

/** What a topic holds of one partition. */
export interface PartitionOffsets {
  readonly partition: number;
  /** First offset that retention has not deleted. */
  readonly low: number;
  /** Last stable offset, exclusive: where the first open transaction begins, or the end. */
  readonly high: number;
}

/** What a poll has found. */
export interface TopicEnds {
  /** ISO 8601. */
  readonly lookedAt: string;
  readonly offsets: readonly PartitionOffsets[];
}

/** Where a stream continues: first the unfinished ranges of the backlog, then everything from `position`. */
export interface StreamPosition {
  readonly position: readonly PartitionOffset[];
  readonly backlog: readonly OffsetRange[];
}

/**
 * The next ranges, `maxRows` offsets at most. Each partition gets an equal share, and the others share what it does not
 * need (max-min fairness), so a busy partition does not starve the quiet ones.
 */
export function planTrigger(
  position: readonly PartitionOffset[],
  ends: readonly PartitionOffset[],
  maxRows: number,
): OffsetRange[] {
  const waiting = ends
    .map(({ partition, offset }) => ({ partition, from: offsetOf(position, partition), to: offset }))
    .filter(({ from, to }) => from < to)
    .sort((a, b) => a.to - a.from - (b.to - b.from));
  let room = maxRows;
  const ranges = waiting.map(({ partition, from, to }, i): OffsetRange => {
    const take = Math.min(to - from, Math.ceil(room / (waiting.length - i)));
    room -= take;
    return { partition, offsetFrom: from, offsetTo: from + take };
  });
  return ranges
    .filter(({ offsetFrom, offsetTo }) => offsetFrom < offsetTo)
    .sort((a, b) => a.partition - b.partition);
}

/** A topic only gains partitions; a new one is read from its first record. */
export function withNewPartitions(
  position: readonly PartitionOffset[],
  offsets: readonly PartitionOffsets[],
): PartitionOffset[] {
  const known = new Set(position.map(({ partition }) => partition));
  const added = offsets
    .filter(({ partition }) => !known.has(partition))
    .map(({ partition, low }) => ({ partition, offset: low }));
  return [...position, ...added].sort((a, b) => a.partition - b.partition);
}

/** @returns the position after `ranges` have been planned */
export function advance(
  position: readonly PartitionOffset[],
  ranges: readonly OffsetRange[],
): PartitionOffset[] {
  return position.map(({ partition, offset }) => ({
    partition,
    offset: ranges.reduce(
      (end, range) => (range.partition === partition ? Math.max(end, range.offsetTo) : end),
      offset,
    ),
  }));
}

/** By partition: everything before is finished. @param unfinished ranges that were planned, also those in progress */
export function watermarkOf(
  position: readonly PartitionOffset[],
  unfinished: readonly OffsetRange[],
): PartitionOffset[] {
  return position.map(({ partition, offset }) => ({
    partition,
    offset: unfinished.reduce(
      (low, range) => (range.partition === partition ? Math.min(low, range.offsetFrom) : low),
      offset,
    ),
  }));
}

/** Where a stream continues when everything before `watermark`, and these ranges, are finished. */
export function resumeFrom(
  watermark: readonly PartitionOffset[],
  finished: readonly OffsetRange[],
): StreamPosition {
  const backlog: OffsetRange[] = [];
  const position = watermark.map(({ partition, offset }) => {
    let reached = offset;
    const own = finished
      .filter((range) => range.partition === partition)
      .sort((a, b) => a.offsetFrom - b.offsetFrom);
    for (const { offsetFrom, offsetTo } of own) {
      if (offsetFrom > reached) backlog.push({ partition, offsetFrom: reached, offsetTo: offsetFrom });
      reached = Math.max(reached, offsetTo);
    }
    return { partition, offset: reached };
  });
  return { position, backlog };
}

/** The same offsets in as few ranges as possible, without what is below the watermark. */
export function mergeRanges(
  ranges: readonly OffsetRange[],
  watermark: readonly PartitionOffset[] = [],
): OffsetRange[] {
  const merged: OffsetRange[] = [];
  const sorted = ranges
    .filter(({ partition, offsetTo }) => offsetTo > offsetOf(watermark, partition))
    .sort((a, b) => a.partition - b.partition || a.offsetFrom - b.offsetFrom);
  for (const next of sorted) {
    const last = merged.at(-1);
    if (last?.partition === next.partition && last.offsetTo >= next.offsetFrom) {
      merged[merged.length - 1] = { ...last, offsetTo: Math.max(last.offsetTo, next.offsetTo) };
    } else merged.push(next);
  }
  return merged;
}

/** The highest offset of each partition: what was finished stays finished. */
export function highest(offsets: readonly PartitionOffset[]): PartitionOffset[] {
  const byPartition = new Map<number, number>();
  for (const { partition, offset } of offsets) {
    byPartition.set(partition, Math.max(offset, byPartition.get(partition) ?? 0));
  }
  return [...byPartition]
    .map(([partition, offset]) => ({ partition, offset }))
    .sort((a, b) => a.partition - b.partition);
}

/** Whether any offset of `ranges` is below the watermark or in `finished`. */
export function overlaps(
  ranges: readonly OffsetRange[],
  watermark: readonly PartitionOffset[],
  finished: readonly OffsetRange[],
): boolean {
  return ranges.some(
    ({ partition, offsetFrom, offsetTo }) =>
      offsetFrom < offsetOf(watermark, partition) ||
      finished.some(
        (done) => done.partition === partition && done.offsetFrom < offsetTo && offsetFrom < done.offsetTo,
      ),
  );
}

/** Whether all offsets of `ranges` are below the watermark or in `finished`. @param finished merged */
export function covers(
  ranges: readonly OffsetRange[],
  watermark: readonly PartitionOffset[],
  finished: readonly OffsetRange[],
): boolean {
  return ranges.every(({ partition, offsetFrom, offsetTo }) => {
    const from = Math.max(offsetFrom, offsetOf(watermark, partition));
    const isInside = (done: OffsetRange): boolean =>
      done.partition === partition && done.offsetFrom <= from && offsetTo <= done.offsetTo;
    return from >= offsetTo || finished.some(isInside);
  });
}

/** Whether anything before `ends` has not been planned yet. */
export function isBehind(position: readonly PartitionOffset[], ends: readonly PartitionOffset[]): boolean {
  return ends.some(({ partition, offset }) => offsetOf(position, partition) < offset);
}

/** Offsets between watermark and end: what Kafka's own tools call lag. Markers of transactions count. */
export function lagOf(
  watermark: readonly PartitionOffset[],
  offsets: readonly { readonly partition: number; readonly high: number }[],
): number {
  return offsets.reduce(
    (lag, { partition, high }) => lag + Math.max(0, high - offsetOf(watermark, partition)),
    0,
  );
}

function offsetOf(position: readonly PartitionOffset[], partition: number): number {
  return position.find((known) => known.partition === partition)?.offset ?? 0;
}

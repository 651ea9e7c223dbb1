import type { OffsetRange } from '../../domain/log/offsets.ts';

/** How far the wanted ranges of a partition are read. */
export interface PartitionRead {
  /** Those that are not read yet, in order, with gaps between them perhaps. */
  wanted: readonly OffsetRange[];
  /** Next offset that has not been seen, control records included. */
  position: number;
  /** The record that was not taken; undefined while all were. */
  stoppedAt: number | undefined;
}

export function toPartitionReads(ranges: readonly OffsetRange[]): Map<number, PartitionRead> {
  const reads = ranges.map(({ partition }): [number, PartitionRead] => {
    const wanted = ranges
      .filter((range) => range.partition === partition)
      .sort((a, b) => a.offsetFrom - b.offsetFrom);
    return [partition, { wanted, position: wanted[0]?.offsetFrom ?? 0, stoppedAt: undefined }];
  });
  return new Map(reads);
}

/** Moves on to an offset, or to the next wanted one after it. */
export function advance(read: PartitionRead, offset: number): void {
  let done = 0;
  while ((read.wanted[done]?.offsetTo ?? Infinity) <= offset) done += 1;
  if (done > 0) read.wanted = read.wanted.slice(done);
  read.position = Math.max(read.position, offset, read.wanted[0]?.offsetFrom ?? 0);
}

export function isComplete({ wanted, stoppedAt }: PartitionRead): boolean {
  return wanted.length === 0 || stoppedAt !== undefined;
}

export function toUnread({ wanted, stoppedAt }: PartitionRead): readonly OffsetRange[] {
  if (stoppedAt === undefined) return [];
  return wanted.map((range) => ({ ...range, offsetFrom: Math.max(range.offsetFrom, stoppedAt) }));
}

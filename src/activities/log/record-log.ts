import type { PublicationNames } from '../../domain/names.ts';
import type { OffsetRange, TopicManifest } from '../../domain/log/offsets.ts';
import type { LogRecord, OutgoingRecord } from '../../domain/log/record.ts';
import type { PlannedBatch } from '../../domain/stream/batch.ts';
import type { LaneClaim } from '../../domain/stream/workflow-inputs.ts';

export interface Publication {
  readonly names: PublicationNames;
  /** One entry per topic, also for topics that get no record this time. */
  readonly batches: readonly { readonly topic: string; readonly records: readonly OutgoingRecord[] }[];
  readonly signal: AbortSignal;
  readonly onProgress: (sent: number) => void;
  /** A batch of a continuous stream, whose name is its lane's: the marker says which batch it is. */
  readonly laneBatch?: LaneBatch;
}

export interface LaneBatch extends PlannedBatch, LaneClaim {
  readonly topic: string;
}

export interface PublicationResult {
  /** One per batch, in the order given. */
  readonly manifests: readonly TopicManifest[];
  /** An earlier attempt had committed; nothing was written now. */
  readonly alreadyPublished: boolean;
}

/** Port: writes records exactly once per publication name. */
export interface RecordPublisher {
  /** Creates missing topics with the broker's default partitions and replicas. @throws BrokerError */
  ensureTopics(topics: readonly string[]): Promise<void>;
  /**
   * All records and the completion marker in one transaction, or nothing. A publication that was committed before
   * returns the recorded manifests.
   * @throws BrokerError; StreamOvertaken when the stream has continued without this batch
   */
  publishOnce(publication: Publication): Promise<PublicationResult>;
  /** What a publication has committed, as its marker says; undefined if it has not. @throws BrokerError */
  findPublished(
    names: PublicationNames,
    topics: readonly string[],
  ): Promise<readonly TopicManifest[] | undefined>;
}

/** Port: reads committed records of given offset ranges. */
export interface RecordReader {
  /**
   * Every committed record of the ranges, in offset order within a partition.
   * @throws OffsetsOutOfRange when a wanted offset is gone or not there; BrokerError when the broker is away, or
   *   when another producer's open transaction holds the range back for longer than the reader waits
   */
  readRanges(read: {
    readonly topic: string;
    readonly ranges: readonly OffsetRange[];
    readonly signal: AbortSignal;
    readonly onProgress: (records: number) => void;
  }): Promise<readonly LogRecord[]>;
}

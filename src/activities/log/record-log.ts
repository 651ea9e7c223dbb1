import type { PublicationNames } from '../../domain/names.ts';
import type { OffsetRange, TopicManifest } from '../../domain/log/offsets.ts';
import type { LogRecord, OutgoingRecord } from '../../domain/log/record.ts';
import type { LaneBatch } from '../../domain/stream/lane.ts';

export interface Publication {
  readonly names: PublicationNames;
  /**
   * One entry per topic, including topics that get no record this time. A record is copied before the next one is asked
   * for.
   */
  readonly batches: readonly { readonly topic: string; readonly records: Iterable<OutgoingRecord> }[];
  readonly signal: AbortSignal;
  readonly onProgress: (sent: number) => void;
  /** Set for a batch of a continuous stream: its publication is named after the lane, so the marker names the batch. */
  readonly laneBatch?: LaneBatch;
}

export interface PublicationResult {
  /** One per batch, in the order given. */
  readonly manifests: readonly TopicManifest[];
  /** An earlier attempt had committed; this one wrote nothing. */
  readonly alreadyPublished: boolean;
}

/** Rows of one topic, more than one transaction may hold. */
export interface RowPublication extends Pick<Publication, 'names' | 'signal'> {
  readonly topic: string;
  /**
   * Every attempt has the same records in the same order; it may cut them otherwise. A chunk ends a transaction, and a
   * large one takes several. Records are taken as they are needed, and copied before the next one is asked for.
   */
  readonly chunks: AsyncIterable<Iterable<OutgoingRecord>>;
  /** Gets the number of rows that are published or sent, of all attempts together. */
  readonly onProgress: (rows: number) => void;
}

export interface RowPublicationResult {
  /** Of all rows, whichever attempts wrote them. */
  readonly manifest: TopicManifest;
  /** Earlier attempts had committed all; this one wrote nothing. */
  readonly alreadyPublished: boolean;
}

/** Port: writes records exactly once per publication name. */
export interface RecordPublisher {
  /** Creates missing topics with the broker's default partitions and replicas. @throws BrokerError */
  ensureTopics(topics: readonly string[]): Promise<void>;
  /**
   * Writes all records and the completion marker in one transaction, or nothing. For a publication that was committed
   * before, returns the recorded manifests.
   * @throws BrokerError; StreamOvertaken or PositionLost when the stream cannot continue with this batch
   */
  publishOnce(publication: Publication): Promise<PublicationResult>;
  /**
   * Writes rows in bounded transactions, each with a marker of how far the publication is, and continues after the rows
   * that earlier attempts have committed. The marker of the last one is the completion marker.
   * @throws BrokerError; ReconciliationError when other rows are committed under these names
   */
  publishRows(publication: RowPublication): Promise<RowPublicationResult>;
  /** The largest record that the topic takes, in bytes with its headers. @throws BrokerError */
  maxRecordBytes(topic: string): Promise<number>;
  /** The manifests in a publication's completion marker; undefined when it is not complete. @throws BrokerError */
  findPublished(
    names: PublicationNames,
    topics: readonly string[],
  ): Promise<readonly TopicManifest[] | undefined>;
}

/** @param leave leaves this record and the rest of its partition unread */
export type OnRecord = (record: LogRecord, leave: () => void) => void;

export interface RangesRead {
  readonly topic: string;
  readonly ranges: readonly OffsetRange[];
  readonly signal: AbortSignal;
  /** Called in offset order within a partition. */
  readonly onRecord: OnRecord;
}

/** Port: reads the committed records of offset ranges, in bounded memory however many there are. */
export interface RecordReader {
  /**
   * Visits every committed record of the ranges.
   * @returns the ranges that were left unread
   * @throws OffsetsOutOfRange when the topic does not hold a wanted offset; MalformedRecord when a record batch cannot
   *   be inflated; BrokerError when the broker is unreachable, or another producer's open transaction blocks the range
   *   for longer than the reader waits
   */
  readRanges(read: RangesRead): Promise<readonly OffsetRange[]>;
}

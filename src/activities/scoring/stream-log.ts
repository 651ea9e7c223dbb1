import type { OpenStreamResult } from '../../domain/run/step-results.ts';
import type { OffsetRange } from '../../domain/log/offsets.ts';
import type { PartitionOffset, PartitionOffsets } from '../../domain/stream/stream-plan.ts';

/** Port: the position of a continuous stream, stored in Kafka. */
export interface StreamLog {
  /**
   * The offsets that the topic holds now, by partition.
   * @throws OffsetsOutOfRange when there is no such topic; BrokerError
   */
  listOffsets(topic: string): Promise<readonly PartitionOffsets[]>;
  /**
   * By partition, the first record at or after the time, or the end. @param timestampMs since the epoch
   * @throws BrokerError
   */
  offsetsAt(topic: string, timestampMs: number): Promise<readonly PartitionOffset[]>;
  /**
   * Takes over the lanes of a stream: earlier starts can write nothing from now on. Returns the position of the last
   * start, or `begin()` when there was none. Calling it again takes the lanes again.
   * @throws PositionLost; OffsetsOutOfRange when the topic was deleted and recreated; BrokerError
   */
  claim(claim: {
    readonly stream: string;
    readonly topic: string;
    readonly lanes: number;
    /** Run id of the execution that may write from now on. */
    readonly run: string;
    readonly startOver: boolean;
    readonly begin: () => Promise<readonly PartitionOffset[]>;
  }): Promise<Omit<OpenStreamResult, 'model'>>;
  /** Offsets that {@link commit} stored; none when the topic was deleted since. @throws BrokerError */
  committed(stream: string, topic: string): Promise<readonly PartitionOffset[]>;
  /**
   * Commits how far the stream is. A commit that comes late never moves it back.
   * @throws PositionLost, also when the topic was deleted; StreamOvertaken after a later start; BrokerError
   */
  commit(position: PositionCommit): Promise<void>;
}

export interface PositionCommit {
  readonly stream: string;
  readonly topic: string;
  readonly epoch: number;
  /** Run id of the execution that commits. */
  readonly run: string;
  /** The run that continued as this one; it hands its lanes over with a renewal. */
  readonly continues?: string;
  readonly nextBatch: number;
  /** Everything before is finished. */
  readonly watermark: readonly PartitionOffset[];
  /** Beyond the watermark. */
  readonly finished: readonly OffsetRange[];
  readonly lanes: number;
  /** Commits the markers of all lanes anew, before the broker forgets them. */
  readonly isRenewal: boolean;
  /** The stream has ended, and none of its batches can still commit. */
  readonly isFinal: boolean;
}

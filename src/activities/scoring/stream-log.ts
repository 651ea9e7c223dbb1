import type { OpenStreamResult } from '../../domain/run/step-results.ts';
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
   * @throws OffsetsOutOfRange when the topic was deleted and recreated; BrokerError
   */
  claim(claim: {
    readonly stream: string;
    readonly topic: string;
    readonly lanes: number;
    readonly startOver: boolean;
    readonly begin: () => Promise<readonly PartitionOffset[]>;
  }): Promise<Omit<OpenStreamResult, 'model'>>;
  /** Offsets that {@link commit} stored; none when the topic was deleted since. @throws BrokerError */
  committed(stream: string, topic: string): Promise<readonly PartitionOffset[]>;
  /** @param watermark every record before it is finished @throws BrokerError */
  commit(stream: string, topic: string, watermark: readonly PartitionOffset[]): Promise<void>;
}

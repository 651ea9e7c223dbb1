import type { OpenStreamResult } from '../../domain/run/step-results.ts';
import type { PartitionOffset, PartitionOffsets } from '../../domain/stream/stream-plan.ts';

/** Port: how far a continuous stream is, as the log itself knows it. */
export interface StreamLog {
  /**
   * What the topic holds now, by partition.
   * @throws OffsetsOutOfRange when there is no such topic; BrokerError
   */
  listOffsets(topic: string): Promise<readonly PartitionOffsets[]>;
  /**
   * By partition, the first record at or after the time, or the end. @param timestampMs since the epoch
   * @throws BrokerError
   */
  offsetsAt(topic: string, timestampMs: number): Promise<readonly PartitionOffset[]>;
  /**
   * Takes the lanes of a stream: attempts of earlier starts can write nothing from now on. Finds where they were;
   * where there was nothing, `begin` is asked. Calling it again takes the lanes again.
   * @throws OffsetsOutOfRange when the topic was deleted and made again; BrokerError
   */
  claim(claim: {
    readonly stream: string;
    readonly topic: string;
    readonly lanes: number;
    readonly startOver: boolean;
    readonly begin: () => Promise<readonly PartitionOffset[]>;
  }): Promise<Omit<OpenStreamResult, 'model'>>;
  /** Offsets that {@link commit} has left; none when the topic was deleted meanwhile. @throws BrokerError */
  committed(stream: string, topic: string): Promise<readonly PartitionOffset[]>;
  /** @param watermark everything before is finished @throws BrokerError */
  commit(stream: string, topic: string, watermark: readonly PartitionOffset[]): Promise<void>;
}

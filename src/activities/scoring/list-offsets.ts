import { OffsetsOutOfRange } from '../../domain/errors.ts';
import type { PartitionOffset, PartitionOffsets } from '../../domain/stream/stream-plan.ts';
import { withHeartbeat } from '../heartbeat.ts';
import type { StreamLog } from './stream-log.ts';

export interface ListOffsetsInput {
  readonly stream: string;
  readonly topic: string;
  /** Where the stream reads next. */
  readonly position: readonly PartitionOffset[];
}

/**
 * Lists the offsets that the topic holds now. Reads only, so a retry has no side effects.
 *
 * @throws OffsetsOutOfRange when continuing would skip records: they expired before they were read, or the topic was
 *   deleted, truncated or recreated
 */
export function createListOffsets({ streamLog }: { readonly streamLog: StreamLog }) {
  return async function listOffsets(input: ListOffsetsInput): Promise<readonly PartitionOffsets[]> {
    const { stream, topic, position } = input;
    return withHeartbeat(async () => {
      const offsets = await streamLog.listOffsets(topic);
      for (const { partition, offset } of position) {
        requireInRange(
          topic,
          partition,
          offset,
          offsets.find((known) => known.partition === partition),
        );
      }
      // A broker drops the committed offsets of a deleted topic, so a recreated topic is recognized.
      const committed = await streamLog.committed(stream, topic);
      if (committed.length === 0) throw recreated(topic, position);
      return offsets;
    });
  };
}

function requireInRange(
  topic: string,
  partition: number,
  wanted: number,
  available: PartitionOffsets | undefined,
): void {
  if (available && available.low <= wanted && wanted <= available.high) return;
  const got = available ? `${available.low}..${available.high}` : 'no such partition';
  const isGone = available && available.low > wanted;
  throw new OffsetsOutOfRange({
    what: isGone
      ? 'records have aged out of the topic before they were scored'
      : 'the topic is shorter than before: it was truncated, or deleted and recreated',
    where: `${topic}[${partition}]`,
    expected: `offset ${wanted}`,
    got,
    hint: 'Nothing was skipped. To continue with the records that are left, start the stream with {"startOver": true, "start": "earliest"}',
  });
}

function recreated(topic: string, position: readonly PartitionOffset[]): OffsetsOutOfRange {
  const wanted = position.map(({ partition, offset }) => `${topic}[${partition}]@${offset}`).join(', ');
  return new OffsetsOutOfRange({
    what: 'the topic was deleted and recreated, or the broker has lost the stream’s offsets',
    where: topic,
    expected: `the topic that was read up to ${wanted}`,
    got: 'a topic without committed offsets of this stream',
    hint: 'Nothing was skipped. To score the present records, start the stream with {"startOver": true, "start": "earliest"}',
  });
}

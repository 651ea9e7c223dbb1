import { Context } from '@temporalio/activity';
import { OffsetsOutOfRange } from '../../domain/errors.ts';
import { isBehind, type PartitionOffset, type PartitionOffsets } from '../../domain/stream/stream-plan.ts';
import { withHeartbeat } from '../heartbeat.ts';
import type { StreamLog } from './stream-log.ts';

export interface ListOffsetsInput {
  readonly stream: string;
  readonly topic: string;
  /** Where the stream reads next. */
  readonly position: readonly PartitionOffset[];
  /** Waits before it asks, and then until there are records beyond the position. */
  readonly wait?: { readonly pauseMs: number; readonly mostMs: number };
}

/** A record waits half of the interval on average. Where none comes, the questions become rare. */
const FIRST_INTERVAL_MS = 20;
const MAX_INTERVAL_MS = 200;

/**
 * Lists the offsets that the topic holds. Reads only, so a retry has no side effects.
 *
 * @throws OffsetsOutOfRange when continuing would skip records: they expired before they were read, or the topic was
 *   deleted, truncated or recreated
 */
export function createListOffsets({ streamLog }: { readonly streamLog: StreamLog }) {
  async function list({ topic, position }: ListOffsetsInput): Promise<readonly PartitionOffsets[]> {
    const offsets = await streamLog.listOffsets(topic);
    for (const { partition, offset } of position) {
      requireInRange(
        topic,
        partition,
        offset,
        offsets.find((known) => known.partition === partition),
      );
    }
    return offsets;
  }

  async function listNew(input: ListOffsetsInput): Promise<readonly PartitionOffsets[]> {
    const { position, wait: { pauseMs, mostMs } = { pauseMs: 0, mostMs: 0 } } = input;
    const context = Context.current();
    if (pauseMs > 0) await context.sleep(pauseMs);
    const startedAt = performance.now();
    for (let intervalMs = FIRST_INTERVAL_MS; ; intervalMs = Math.min(MAX_INTERVAL_MS, 1.2 * intervalMs)) {
      const offsets = await list(input);
      const ends = offsets.map(({ partition, high }) => ({ partition, offset: high }));
      if (isBehind(position, ends) || performance.now() - startedAt >= mostMs) return offsets;
      await context.sleep(intervalMs);
    }
  }

  return async function listOffsets(input: ListOffsetsInput): Promise<readonly PartitionOffsets[]> {
    const { stream, topic, position } = input;
    return withHeartbeat(async () => {
      const offsets = await listNew(input);
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

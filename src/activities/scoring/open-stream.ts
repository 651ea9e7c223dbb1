import { InvalidInput } from '../../domain/errors.ts';
import { deadLettersTopic, predictionsTopic } from '../../domain/names.ts';
import type { OpenStreamResult } from '../../domain/run/step-results.ts';
import type { StreamModel, StreamStart } from '../../domain/stream/stream-input.ts';
import type { PartitionOffset, PartitionOffsets } from '../../domain/stream/stream-plan.ts';
import { withHeartbeat } from '../heartbeat.ts';
import type { LoadModel } from '../training/model-cache.ts';
import type { RecordPublisher } from '../log/record-log.ts';
import type { ResolveModel } from './resolve-model.ts';
import type { StreamLog } from './stream-log.ts';

export interface OpenStreamInput {
  readonly stream: string;
  /** Run id of the stream's execution. */
  readonly run: string;
  readonly topic: string;
  readonly model: StreamModel;
  /** Used when the stream has no position yet. */
  readonly start: StreamStart;
  readonly startOver: boolean;
  readonly lanes: number;
}

interface Deps {
  readonly streamLog: StreamLog;
  readonly publisher: RecordPublisher;
  readonly loadModel: LoadModel;
  readonly resolveModel: ResolveModel;
}

/**
 * Makes this start of the stream the only one that can write, and finds the position of the previous one. A retry
 * repeats this. The model is loaded first: a stream that cannot predict must not replace one that can.
 */
export function createOpenStream({ streamLog, publisher, loadModel, resolveModel }: Deps) {
  return async function openStream(input: OpenStreamInput): Promise<OpenStreamResult> {
    const { stream, run, topic, model, start, startOver, lanes } = input;
    return withHeartbeat(async () => {
      const { version } = await loadModel(await resolveModel(model));
      const offsets = await streamLog.listOffsets(topic);
      await publisher.ensureTopics([predictionsTopic(topic), deadLettersTopic(topic)]);
      const begin = () => resolveStart(streamLog, topic, offsets, start);
      const opened = await streamLog.claim({ stream, run, topic, lanes, startOver, begin });
      return { ...opened, model: version };
    });
  };
}

/** @throws InvalidInput when the given offsets do not match the topic's partitions */
async function resolveStart(
  streamLog: StreamLog,
  topic: string,
  offsets: readonly PartitionOffsets[],
  start: StreamStart,
): Promise<readonly PartitionOffset[]> {
  if (start === 'earliest') return offsets.map(({ partition, low }) => ({ partition, offset: low }));
  if (start === 'latest') return offsets.map(({ partition, high }) => ({ partition, offset: high }));
  if ('timestamp' in start) return streamLog.offsetsAt(topic, Date.parse(start.timestamp));
  const given = new Map(
    Object.entries(start.offsets).map(([partition, offset]) => [Number(partition), offset]),
  );
  const there = offsets.map(({ partition }) => partition);
  if (given.size !== there.length || there.some((partition) => !given.has(partition))) {
    throw new InvalidInput({
      what: 'start.offsets does not name every partition',
      where: topic,
      expected: `partitions ${there.join(', ')}`,
      got: [...given.keys()].join(', ') || 'none',
      hint: 'Give an offset for each, or start at "earliest", "latest" or a timestamp',
    });
  }
  return there.map((partition) => ({ partition, offset: given.get(partition) ?? 0 }));
}

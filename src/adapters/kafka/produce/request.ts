import { loadInternal, once } from '../kafkajs/internals.ts';
import type { Message } from 'kafkajs';
import type { PlacedBytes, RecordBatch } from './record-batch.ts';

/** What a produce request of kafkajs holds of each partition: messages, or a batch that is encoded already. */
interface ProduceRequest {
  readonly acks: number;
  readonly timeout: number;
  readonly transactionalId?: string;
  /** A number or a Long. */
  readonly producerId: { toString(): string };
  readonly producerEpoch: number;
  readonly topicData: readonly {
    readonly topic: string;
    readonly partitions: readonly {
      readonly partition: number;
      readonly firstSequence: number;
      readonly messages: unknown;
    }[];
  }[];
}

interface ProduceProtocol {
  protocol: (wanted: { readonly version: number }) => (request: ProduceRequest) => {
    readonly request: object;
    readonly response: unknown;
  };
}

interface Encoder {
  readonly buffer: Buffer;
  writeString(text: string | undefined): Encoder;
  writeInt16(value: number): Encoder;
  writeInt32(value: number): Encoder;
  writeEncoder: (this: Encoder, rest: unknown) => unknown;
}
type EncoderClass = (new () => Encoder) & { readonly prototype: Encoder };

/**
 * In place of an array of messages for one partition: kafkajs passes it on without looking at each. To kafkajs it is as
 * long as the batch has records, so that its sequence numbers are right.
 */
class EncodedMessages {
  readonly partition: number;
  readonly batch: RecordBatch;

  constructor(partition: number, batch: RecordBatch) {
    this.partition = partition;
    this.batch = batch;
  }

  get length(): number {
    return this.batch.records;
  }

  /** kafkajs looks for a message without a value. */
  find(): undefined {
    return undefined;
  }

  /** kafkajs divides messages by partition. */
  reduce(): Record<number, EncodedMessages> {
    return { [this.partition]: this };
  }
}

/**
 * In place of an encoder of kafkajs, which copies what it writes: three times 1 MB of new memory a request, and the garbage
 * collector is busy with it. What comes before goes into the room before the batch.
 */
class PlacedRequest {
  readonly #placed: PlacedBytes;

  constructor(placed: PlacedBytes) {
    this.#placed = placed;
  }

  get buffer(): Buffer {
    const { memory, start, end } = this.#placed;
    return memory.subarray(start, end);
  }

  size(): number {
    return this.#placed.end - this.#placed.start;
  }

  after(head: Buffer): PlacedRequest {
    const { memory, start, end } = this.#placed;
    const from = start - head.length;
    if (from < 0) {
      const copy = Buffer.concat([head, this.buffer]);
      return new PlacedRequest({ memory: copy, start: 0, end: copy.length });
    }
    memory.set(head, from);
    return new PlacedRequest({ memory, start: from, end });
  }
}

/** For `send` of a producer whose requests {@link installProduceEncoder} encodes. */
export function toMessages(partition: number, batch: RecordBatch): Message[] {
  return new EncodedMessages(partition, batch) as unknown as Message[];
}

/**
 * Sends batches that are encoded already, in place of the encoder of kafkajs 2.2.4, which takes some 40 µs a record. Its
 * transactions, sequence numbers and retries stay. Other producers of the process are not affected.
 */
export const installProduceEncoder = once(() => {
  const KafkaEncoder = loadInternal('protocol/encoder.js') as EncoderClass;
  const { writeEncoder } = KafkaEncoder.prototype;
  KafkaEncoder.prototype.writeEncoder = function (rest) {
    return rest instanceof PlacedRequest ? rest.after(this.buffer) : writeEncoder.call(this, rest);
  };
  const produce = loadInternal('protocol/requests/produce/index.js') as ProduceProtocol;
  const { protocol } = produce;
  produce.protocol = ({ version }) => {
    const ofVersion = protocol({ version });
    return (request) => {
      const exchange = ofVersion(request);
      if (!(request.topicData[0]?.partitions[0]?.messages instanceof EncodedMessages)) return exchange;
      // Record batches of version 2 came with request version 3, whose form stayed the same up to 7.
      if (version < 3)
        throw new Error('the broker is too old to be written to: Kafka 0.11 or later is needed');
      const encode = async () => encodeRequest(request, new KafkaEncoder());
      return { ...exchange, request: { ...exchange.request, encode } };
    };
  };
});

/** @throws Error unless it is one batch: that is all that {@link toMessages} makes of a `send` */
function encodeRequest(
  { transactionalId, acks, timeout, topicData, producerId, producerEpoch }: ProduceRequest,
  head: Encoder,
): PlacedRequest {
  const batches = topicData.flatMap(({ topic, partitions }) => partitions.map((one) => ({ topic, ...one })));
  const [first] = batches;
  if (batches.length !== 1 || !(first?.messages instanceof EncodedMessages))
    throw new Error(`expected one batch in a request, got ${batches.length}`);
  const placed = first.messages.batch.encode({
    producerId: BigInt(producerId.toString()),
    producerEpoch,
    firstSequence: first.firstSequence,
    isTransactional: transactionalId !== undefined,
  });
  const batch = new PlacedRequest(placed);
  head.writeString(transactionalId).writeInt16(acks).writeInt32(timeout);
  head.writeInt32(1).writeString(first.topic);
  head.writeInt32(1).writeInt32(first.partition).writeInt32(batch.size());
  return batch.after(head.buffer);
}

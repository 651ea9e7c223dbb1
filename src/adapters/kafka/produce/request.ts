import { createRequire } from 'node:module';
import type { Message } from 'kafkajs';
import type { RecordBatch } from './record-batch.ts';

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
  writeString(text: string | undefined): Encoder;
  writeInt16(value: number): Encoder;
  writeInt32(value: number): Encoder;
  writeBufferInternal(bytes: Buffer): void;
}

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

/** For `send` of a producer whose requests {@link installProduceEncoder} encodes. */
export function toMessages(partition: number, batch: RecordBatch): Message[] {
  return new EncodedMessages(partition, batch) as unknown as Message[];
}

const require = createRequire(import.meta.url);
let installed = false;

/**
 * Sends batches that are encoded already, in place of the encoder of kafkajs 2.2.4, which takes some 40 µs a record. Its
 * transactions, sequence numbers and retries stay. Other producers of the process are not affected.
 */
export function installProduceEncoder(): void {
  if (installed) return;
  installed = true;
  const produce = require('kafkajs/src/protocol/requests/produce/index.js') as ProduceProtocol;
  const { protocol } = produce;
  produce.protocol = ({ version }) => {
    const ofVersion = protocol({ version });
    return (request) => {
      const exchange = ofVersion(request);
      const batches = request.topicData.flatMap(({ topic, partitions }) =>
        partitions.map(({ messages, ...place }) => ({ topic, ...place, messages })),
      );
      const [batch] = batches;
      if (!(batch?.messages instanceof EncodedMessages)) return exchange;
      // Record batches of version 2 came with request version 3, whose form stayed the same up to 7.
      if (version < 3)
        throw new Error('the broker is too old to be written to: Kafka 0.11 or later is needed');
      const encode = async () => encodeRequest(request);
      return { ...exchange, request: { ...exchange.request, encode } };
    };
  };
}

function encodeRequest({
  transactionalId,
  acks,
  timeout,
  topicData,
  producerId,
  producerEpoch,
}: ProduceRequest) {
  const encoder = newEncoder();
  encoder.writeString(transactionalId).writeInt16(acks).writeInt32(timeout).writeInt32(topicData.length);
  for (const { topic, partitions } of topicData) {
    encoder.writeString(topic).writeInt32(partitions.length);
    for (const { partition, firstSequence, messages } of partitions) {
      const bytes = (messages as EncodedMessages).batch.encode({
        producerId: BigInt(producerId.toString()),
        producerEpoch,
        firstSequence,
        isTransactional: transactionalId !== undefined,
      });
      encoder.writeInt32(partition).writeInt32(bytes.length).writeBufferInternal(bytes);
    }
  }
  return encoder;
}

function newEncoder(): Encoder {
  const EncoderOfKafkaJs = require('kafkajs/src/protocol/encoder.js') as new () => Encoder;
  return new EncoderOfKafkaJs();
}

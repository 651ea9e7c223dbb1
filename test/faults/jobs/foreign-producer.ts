import { randomUUID } from 'node:crypto';
import type { Kafka, Producer } from 'kafkajs';
import { pollUntil } from '../../support/poll-until.ts';

/** More than two micro-batches of 20, so that at least one of them has bad records only. */
const CONSECUTIVE_BAD = 45;

/** Records of another producer: no keys, no headers, some of them bad. Places are `partition@offset`. */
export interface ForeignRecords {
  readonly good: readonly string[];
  readonly bad: readonly string[];
}

export interface ForeignProducer {
  /** Good and bad records mixed, then many bad ones in a row. */
  readonly produceFirst: () => Promise<void>;
  /** An aborted transaction, then more records. */
  readonly produceRest: () => Promise<void>;
  readonly written: () => ForeignRecords;
}

/** Writes the same records at the same offsets every time, so that runs with and without faults can be compared. */
export function createForeignProducer(
  kafka: Kafka,
  topic: string,
  partitions: number,
  features: readonly string[],
): ForeignProducer {
  const good: string[] = [];
  const bad: string[] = [];
  let serial = 0;

  const goodValue = (): string => {
    serial += 1;
    return JSON.stringify(
      Object.fromEntries(features.map((feature, f) => [feature, (serial * (f + 3) * 37) % 100_000])),
    );
  };
  const badValue = (): string => [`{"${features[0]}": "NA"}`, 'not JSON', '[]'][(serial += 1) % 3] ?? '';

  /** One send is one record batch, so its offsets are consecutive. */
  async function send(producer: Producer, partition: number, values: readonly [isGood: boolean][]) {
    const messages = values.map(([isGood]) => ({ partition, value: isGood ? goodValue() : badValue() }));
    const [sent] = await producer.send({ topic, messages });
    const base = Number(sent?.baseOffset);
    values.forEach(([isGood], i) => (isGood ? good : bad).push(`${partition}@${base + i}`));
  }

  async function withProducer(work: (producer: Producer) => Promise<void>): Promise<void> {
    const producer = kafka.producer({ allowAutoTopicCreation: false });
    await producer.connect();
    try {
      await work(producer);
    } finally {
      await producer.disconnect();
    }
  }

  async function abortSome(): Promise<void> {
    const transactionalId = `foreign-${randomUUID()}`;
    const producer = kafka.producer({ transactionalId, idempotent: true, maxInFlightRequests: 1 });
    await producer.connect();
    try {
      const transaction = await producer.transaction();
      const values = Array.from({ length: CONSECUTIVE_BAD }, goodValue);
      const messages = values.map((value) => ({ partition: 0, value }));
      const [sent] = await transaction.send({ topic, messages });
      await transaction.abort();
      // The abort itself takes an offset, a moment later: before the next records in every run.
      await untilStable(kafka, topic, Number(sent?.baseOffset) + messages.length + 1);
    } finally {
      await producer.disconnect();
    }
  }

  return {
    produceFirst: () =>
      withProducer(async (producer) => {
        await send(producer, 0, mixed(60));
        await send(
          producer,
          0,
          Array.from({ length: CONSECUTIVE_BAD }, () => [false]),
        );
        for (let partition = 1; partition < partitions; partition += 1)
          await send(producer, partition, mixed(9));
      }),
    produceRest: async () => {
      await abortSome();
      await withProducer(async (producer) => {
        await send(producer, 0, mixed(80));
        for (let partition = 1; partition < partitions; partition += 1)
          await send(producer, partition, mixed(5));
      });
    },
    written: () => ({ good, bad }),
  };
}

/** Resolves when everything before an offset of partition 0 is committed or aborted. */
async function untilStable(kafka: Kafka, topic: string, offset: number): Promise<void> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    await pollUntil(`the end of a transaction at ${topic}[0]@${offset}`, async () => {
      const offsets = await admin.fetchTopicOffsets(topic).catch(() => []);
      return offsets.some(({ partition, high }) => partition === 0 && Number(high) >= offset);
    });
  } finally {
    await admin.disconnect();
  }
}

/** Every seventh is bad. */
function mixed(count: number): [isGood: boolean][] {
  return Array.from({ length: count }, (_, i) => [i % 7 !== 3]);
}

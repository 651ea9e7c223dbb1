import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type { Kafka, Producer } from 'kafkajs';

export const RECORDS_PER_SECOND = 100;
const MS_PER_RECORD = 1_000 / RECORDS_PER_SECOND;
/** Compiled code and open connections: what runs for hours has them. */
const WARM_UP_MS = 10_000;
const LONGEST_MS = 30_000;

interface Plan {
  readonly topic: string;
  /** Each of its records has the key of the record that it is about. */
  readonly output: string;
  readonly value: string;
  readonly seconds: number;
}

/**
 * Writes records at a steady rate and watches, as a reader of committed records, when the answers come. The key of a
 * record is the time at which it is sent.
 *
 * @returns milliseconds, of every record after the warm-up
 */
export async function measureLatencies(kafka: Kafka, plan: Plan): Promise<number[]> {
  const countFromMs = Date.now() + WARM_UP_MS;
  const latencies = new Map<string, number>();
  const consumer = kafka.consumer({ groupId: `latency-${randomUUID()}`, maxWaitTimeInMs: 10 });
  await consumer.connect();
  await consumer.subscribe({ topics: [plan.output], fromBeginning: true });
  const joined = new Promise((resolve) => consumer.on(consumer.events.GROUP_JOIN, resolve));
  await consumer.run({
    autoCommit: false,
    eachBatch: async ({ batch }) => {
      const nowMs = Date.now();
      for (const { key } of batch.messages) {
        const name = String(key);
        if (!latencies.has(name)) latencies.set(name, nowMs - Number.parseInt(name, 10));
      }
    },
  });
  await joined;
  const sent = await produce(kafka.producer(), plan, WARM_UP_MS + plan.seconds * 1_000);
  const givenUpMs = Date.now() + LONGEST_MS;
  while (latencies.size < sent.length && Date.now() < givenUpMs) await setTimeout(100);
  await consumer.disconnect();
  const counted = sent.filter((name) => Number.parseInt(name, 10) >= countFromMs);
  return counted.map((name) => latencies.get(name) ?? LONGEST_MS);
}

/** @returns the keys */
async function produce(producer: Producer, { topic, value }: Plan, forMs: number): Promise<string[]> {
  await producer.connect();
  const startMs = Date.now();
  const keys: string[] = [];
  const sending: Promise<unknown>[] = [];
  for (let nowMs = startMs; nowMs < startMs + forMs; nowMs = Date.now()) {
    while (keys.length * MS_PER_RECORD < nowMs - startMs) {
      const key = `${Date.now()}-${keys.length}`;
      keys.push(key);
      sending.push(producer.send({ topic, messages: [{ key, value }] }));
    }
    await setTimeout(MS_PER_RECORD / 2);
  }
  await Promise.all(sending);
  await producer.disconnect();
  return keys;
}

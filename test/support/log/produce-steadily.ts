import { setTimeout as sleep } from 'node:timers/promises';
import type { Kafka } from 'kafkajs';

const TICK_MS = 100;

/** Sends the records of a tenth of a second at a time. @returns how many were acknowledged, each once */
export async function produceSteadily(
  kafka: Kafka,
  topic: string,
  { rate, seconds }: { readonly rate: number; readonly seconds: number },
  valueOf: (serial: number) => string,
): Promise<number> {
  // Otherwise a request that is sent again adds records.
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 });
  await producer.connect();
  const begunMs = Date.now();
  let sent = 0;
  for (let tick = 1; tick * TICK_MS <= seconds * 1_000; tick += 1) {
    const due = Math.round((rate * tick * TICK_MS) / 1_000);
    const messages = Array.from({ length: due - sent }, (_, i) => ({ value: valueOf(sent + i) }));
    await producer.send({ topic, messages });
    sent = due;
    await sleep(Math.max(0, begunMs + tick * TICK_MS - Date.now()));
  }
  await producer.disconnect();
  return sent;
}

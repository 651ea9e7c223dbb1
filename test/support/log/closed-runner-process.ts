import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import { endStoppedFetches } from '../../../src/adapters/kafka/fetch/fetch-loop.ts';

/** Closes a consumer of kafkajs while it replaces its fetch loops, because a broker is gone. Prints when that has ended. */
interface Runner {
  start(): Promise<void>;
  stop(): Promise<void>;
}

type RunnerClass = new (options: object) => Runner;

const ignore = (): void => undefined;
const logger = { namespace: () => logger, debug: ignore, info: ignore, warn: ignore, error: ignore };
const brokers = [1, 2];
/** The first loop notices what has changed at once; then it waits for the second. */
const FETCH_MS = [1, 200];

endStoppedFetches();
const KafkaRunner = createRequire(import.meta.url)('kafkajs/src/consumer/runner.js') as RunnerClass;
const runner = new KafkaRunner({
  logger,
  concurrency: 1,
  instrumentationEmitter: { emit: ignore },
  onCrash: (error: Error) => {
    throw error;
  },
  consumerGroup: {
    connect: async () => undefined,
    joinAndSync: async () => undefined,
    heartbeat: async () => undefined,
    leave: async () => undefined,
    getNodeIds: () => [...brokers],
    fetch: async (broker: number) => {
      await sleep(FETCH_MS[broker - 1]);
      return [];
    },
  },
});
await runner.start();
await sleep(300);
brokers.pop();
await sleep(50);
await runner.stop();
process.stdout.write('closed\n');

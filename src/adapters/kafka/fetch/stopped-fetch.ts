import { createRequire } from 'node:module';

interface Runner {
  readonly running: boolean;
  fetch: (this: Runner, nodeId: number) => Promise<unknown>;
}

let installed = false;

/**
 * kafkajs 2.2.4 fetches in a loop for each broker, and begins the loops anew when the number of brokers has changed. A
 * consumer that is closed at that moment has loops that nobody ends: each of their fetches returns nothing at once, without
 * a timer or a socket between them, so that the process never does anything else. After this, such a loop ends.
 */
export function endStoppedFetches(): void {
  if (installed) return;
  installed = true;
  const { prototype } = createRequire(import.meta.url)('kafkajs/src/consumer/runner.js') as {
    readonly prototype: Runner;
  };
  const { fetch } = prototype;
  prototype.fetch = async function (nodeId) {
    if (!this.running) throw new Error('the consumer was closed');
    return fetch.call(this, nodeId);
  };
}

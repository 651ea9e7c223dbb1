import { loadInternal, once } from '../kafkajs/internals.ts';

interface Runner {
  readonly running: boolean;
  readonly consumerGroup: { readonly groupId: string };
  fetch: (this: Runner, nodeId: number) => Promise<unknown>;
}

/** Between two heartbeats of a consumer without work. */
const MAX_REST_MS = 3_000;

/** Before each fetch of the consumer that is alone in the group. */
const rests = new Map<string, () => Promise<void>>();

export interface Rest {
  /** There is work, or the consumer is closed: a loop that rests would hold up its end. */
  readonly wake: () => void;
  /** The consumer is closed. */
  readonly end: () => void;
}

/**
 * kafkajs 2.2.4 never rests: a consumer whose partitions are all paused goes through its loops every `maxWaitTimeInMs`.
 * After this, they rest while the consumer has no work.
 */
export function restWithoutWork(groupId: string, hasWork: () => boolean): Rest {
  /** One for each loop. */
  const resting = new Set<() => void>();
  rests.set(groupId, async () => {
    if (hasWork()) return;
    await new Promise<void>((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        resting.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, MAX_REST_MS).unref();
      resting.add(wake);
    });
  });
  return {
    wake() {
      for (const wake of resting) wake();
    },
    end: () => void rests.delete(groupId),
  };
}

/**
 * kafkajs 2.2.4 fetches in a loop for each broker, and begins the loops anew when the number of brokers has changed. A
 * consumer that is closed at that moment has loops that nobody ends: each of their fetches returns nothing at once, without
 * a timer or a socket between them, so that the process never does anything else. After this, such a loop ends.
 */
export const endStoppedFetches = once(() => {
  const { prototype } = loadInternal('consumer/runner.js') as {
    readonly prototype: Runner;
  };
  const { fetch } = prototype;
  prototype.fetch = async function (nodeId) {
    await rests.get(this.consumerGroup.groupId)?.();
    if (!this.running) throw new Error('the consumer was closed');
    return fetch.call(this, nodeId);
  };
});

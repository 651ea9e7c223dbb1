import { loadInternal, once } from '../kafkajs/internals.ts';
import { setTimeout } from 'node:timers/promises';

type Request<Answer> = (this: unknown, question: unknown) => Promise<Answer>;

interface Protocol {
  protocol: (wanted: { readonly version: number }) => (question: unknown) => object;
}

/** The first request of a transaction or producer, which the broker refuses while it ends the transaction before. */
const FIRST_REQUESTS = ['initProducerId', 'addPartitionsToTxn', 'addOffsetsToTxn'] as const;
const FIRST_WAIT_MS = 2;
/** After an eighth of a second in all, kafkajs goes on with its own, longer waits. */
const LAST_WAIT_MS = 64;

/**
 * A commit is acknowledged as soon as it is certain. The broker tells the partitions afterwards, and refuses a next
 * transaction of the same id until it is done. That takes a few milliseconds, for which kafkajs 2.2.4 waits 100, logs two
 * errors and asks for metadata: a third of the time of publishing a split in many transactions.
 */
export const waitForLastTransaction = once(() => {
  const broker = loadInternal('broker/index.js') as {
    readonly prototype: Record<string, Request<unknown>>;
  };
  for (const name of FIRST_REQUESTS) {
    const send = broker.prototype[name] as Request<unknown>;
    broker.prototype[name] = function (question) {
      return untilEnded(() => send.call(this, question));
    };
    // Of a producer's first request, the log is all that says why kafkajs repeats it.
    if (name === 'initProducerId') continue;
    const requests = loadInternal(`protocol/requests/${name}/index.js`) as Protocol;
    const { protocol } = requests;
    // What is refused for good is logged by its caller, or thrown.
    requests.protocol = (wanted) => {
      const ofVersion = protocol(wanted);
      return (question) => ({ ...ofVersion(question), logResponseError: false });
    };
  }
});

/** Repeats a request while an earlier transaction ends. @throws its last error, after the last wait */
export async function untilEnded<Answer>(send: () => Promise<Answer>): Promise<Answer> {
  for (let waitMs = FIRST_WAIT_MS; ; waitMs *= 2) {
    try {
      return await send();
    } catch (error) {
      const isEnding = (error as { readonly type?: unknown }).type === 'CONCURRENT_TRANSACTIONS';
      if (!isEnding || waitMs > LAST_WAIT_MS) throw error;
    }
    await setTimeout(waitMs);
  }
}

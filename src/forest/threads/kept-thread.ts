import { parentPort, type ResourceLimits, type Transferable, type Worker } from 'node:worker_threads';
import { startThread } from './thread.ts';

/** A thread that answers calls. It starts with the first one and ends when it has been idle for a while. */
export interface KeptThread<Request, Reply> {
  /** Starts it before the first call. */
  prepare(): void;
  /** @throws what the thread throws; an Error when it ends early, or the worker stops */
  call(request: Request): Promise<Reply>;
  /** Ends the thread; calls in progress fail. */
  close(): Promise<void>;
}

interface Settings {
  /** Beside which file the thread's is, as for {@link startThread}. */
  readonly besideUrl: string;
  readonly name: string;
  /** Of the thread, for an error: `the thread that draws plots`. */
  readonly what: string;
  readonly keptMs: number;
  readonly limits?: ResourceLimits;
}

interface Waiting<Reply> {
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: unknown) => void;
}

interface Call<Request> {
  readonly id: number;
  readonly request: Request;
}

type Answer<Reply> = { readonly id: number } & ({ readonly reply: Reply } | { readonly error: unknown });

export function createKeptThread<Request, Reply>(settings: Settings): KeptThread<Request, Reply> {
  const { besideUrl, name, what, keptMs, limits } = settings;
  const waiting = new Map<number, Waiting<Reply>>();
  let thread: Worker | undefined;
  let idle: NodeJS.Timeout | undefined;
  let ids = 0;

  function start(): Worker {
    clearTimeout(idle);
    if (thread) return thread;
    const started = startThread(besideUrl, name, undefined, limits);
    const lost = (error: Error): void => {
      if (thread === started) forget(error);
    };
    started.on('message', receive);
    started.on('error', lost);
    started.on('exit', (code) => {
      lost(new Error(`${what} ended early with exit code ${code}`));
    });
    return (thread = started);
  }

  function receive(answer: Answer<Reply>): void {
    const call = waiting.get(answer.id);
    waiting.delete(answer.id);
    if ('reply' in answer) call?.resolve(answer.reply);
    else call?.reject(answer.error);
    if (waiting.size === 0) rest();
  }

  /** From now on, the thread does not keep the process alive. */
  function rest(): void {
    thread?.unref();
    idle = setTimeout(() => void close(), keptMs).unref();
  }

  function forget(error: Error): void {
    thread = undefined;
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  }

  async function close(): Promise<void> {
    clearTimeout(idle);
    const ending = thread;
    // First, so that no call goes to a thread that ends.
    forget(new Error('the worker is stopping'));
    await ending?.terminate();
  }

  return {
    prepare() {
      start();
      if (waiting.size === 0) rest();
    },
    call: (request) =>
      new Promise((resolve, reject) => {
        const called = start();
        called.ref();
        const id = (ids += 1);
        waiting.set(id, { resolve, reject });
        called.postMessage({ id, request } satisfies Call<Request>);
      }),
    close,
  };
}

/**
 * The other end, in the thread: answers one call after the other.
 *
 * @param moved memory of the reply that goes to the caller without a copy
 */
export function answerCalls<Reply>(
  answer: (request: never) => Reply | Promise<Reply>,
  moved: (reply: Reply) => readonly Transferable[] = () => [],
): void {
  let last = Promise.resolve();
  const post = (message: Answer<Reply>, transfer: readonly Transferable[] = []): void =>
    parentPort?.postMessage(message, transfer);
  parentPort?.on('message', ({ id, request }: Call<never>) => {
    last = last
      .then(() => answer(request))
      .then(
        (reply) => {
          post({ id, reply }, moved(reply));
        },
        (error: unknown) => {
          post({ id, error });
        },
      );
  });
}

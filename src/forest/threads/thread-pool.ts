import type { Worker } from 'node:worker_threads';
import { TrainingError } from '../../domain/errors.ts';
import { compileKernel } from '../kernel.ts';
import { startThread } from './thread.ts';
import type { ThreadJob, ThreadReply } from './thread-jobs.ts';

/** Threads of a worker process. Jobs wait for a free thread in the order of their arrival. */
export interface ThreadPool {
  readonly size: number;
  /**
   * @param job creates the job for a thread, given the thread's number, which is below {@link size}
   * @throws TrainingError when the job fails or its thread dies
   */
  run<Job extends ThreadJob>(job: (thread: number) => Job): Promise<ThreadReply<Job>>;
  /**
   * Ends the threads without a job; the next job starts another. A thread keeps the memory of its last job until it
   * collects its garbage, which an idle one never does.
   */
  relax(): Promise<void>;
  /** Ends the threads; running jobs fail. */
  close(): Promise<void>;
}

interface Waiting {
  readonly job: (thread: number) => ThreadJob;
  readonly resolve: (reply: never) => void;
  readonly reject: (error: Error) => void;
}

interface Slot {
  readonly number: number;
  thread?: Worker | undefined;
  busy?: Waiting | undefined;
}

/**
 * Threads start when first needed (some 20 ms each; half a second from source) and stay. An idle thread does not keep the
 * process alive.
 */
export function createThreadPool(size: number): ThreadPool {
  const slots: Slot[] = Array.from({ length: size }, (_, number) => ({ number }));
  const queue: Waiting[] = [];
  let closed = false;

  function dispatch(): void {
    for (;;) {
      const free = slots.filter(({ busy }) => !busy);
      // Prefers a thread that has started.
      const slot = free.find(({ thread }) => thread) ?? free[0];
      const next = slot && queue.shift();
      if (!next) return;
      begin(slot, next);
    }
  }

  function begin(slot: Slot, waiting: Waiting): void {
    slot.busy = waiting;
    try {
      slot.thread ??= open(slot);
      slot.thread.ref();
      slot.thread.postMessage(waiting.job(slot.number));
    } catch (cause) {
      release(slot);
      const got = cause instanceof Error ? cause.message : String(cause);
      waiting.reject(new TrainingError({ what: 'a forest job cannot start', got, cause }));
    }
  }

  function release(slot: Slot): Waiting | undefined {
    const waiting = slot.busy;
    slot.busy = undefined;
    slot.thread?.unref();
    return waiting;
  }

  function end(slot: Slot, settle: (waiting: Waiting) => void): void {
    const waiting = release(slot);
    if (waiting) settle(waiting);
    dispatch();
  }

  function open(slot: Slot): Worker {
    const thread = startThread(import.meta.url, 'forest-thread', compileKernel());
    const lost = (what: string, got: string, cause?: unknown): void => {
      if (slot.thread !== thread) return;
      slot.thread = undefined;
      end(slot, ({ reject }) => {
        reject(new TrainingError({ what, where: 'forest thread', got, cause }));
      });
    };
    thread.on('message', (reply: { value?: unknown; error?: Error }) => {
      end(slot, ({ resolve, reject }) => {
        if (reply.error) {
          reject(
            new TrainingError({ what: 'a forest job failed', got: reply.error.message, cause: reply.error }),
          );
        } else resolve(reply.value as never);
      });
    });
    thread.on('error', (cause: Error) => {
      lost('a forest thread failed', cause.message, cause);
    });
    thread.on('exit', (code) => {
      lost('a forest thread ended early', `exit code ${code}`);
    });
    return thread;
  }

  return {
    size,
    run: (job) =>
      new Promise((resolve, reject) => {
        if (closed) reject(stopping());
        else queue.push({ job, resolve, reject });
        dispatch();
      }),
    async relax() {
      const idle = slots.filter(({ busy }) => !busy);
      const threads = idle.map(({ thread }) => thread);
      // First, so that no job goes to a thread that ends.
      for (const slot of idle) slot.thread = undefined;
      await Promise.all(threads.map(async (thread) => thread?.terminate()));
    },
    async close() {
      closed = true;
      for (const { reject } of queue.splice(0)) reject(stopping());
      await Promise.all(slots.map(async ({ thread }) => thread?.terminate()));
    },
  };
}

function stopping(): TrainingError {
  return new TrainingError({ what: 'the worker is stopping' });
}

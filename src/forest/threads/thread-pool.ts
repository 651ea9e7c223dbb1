import type { Worker } from 'node:worker_threads';
import { TrainingError } from '../../domain/errors.ts';
import { compileKernel } from '../kernel.ts';
import { startThread } from './thread.ts';
import type { ThreadJob, ThreadReply } from './thread-jobs.ts';

/** The threads of one worker process. Jobs wait for a free thread, first come first served. */
export interface ThreadPool {
  readonly size: number;
  /**
   * @param job made for the thread that takes it, whose number is below {@link size}
   * @throws TrainingError when the job fails or its thread dies
   */
  run<Job extends ThreadJob>(job: (thread: number) => Job): Promise<ThreadReply<Job>>;
  /** Ends the threads; jobs in work fail. */
  close(): Promise<void>;
}

interface Waiting {
  readonly job: (thread: number) => ThreadJob;
  readonly resolve: (reply: never) => void;
  readonly reject: (error: Error) => void;
}

interface Seat {
  readonly number: number;
  thread?: Worker | undefined;
  busy?: Waiting | undefined;
}

/** Threads start when first needed (some 20 ms each; half a second from source) and stay; an idle one does not keep the process alive. */
export function createThreadPool(size: number): ThreadPool {
  const seats: Seat[] = Array.from({ length: size }, (_, number) => ({ number }));
  const queue: Waiting[] = [];
  let closed = false;

  function dispatch(): void {
    for (;;) {
      const free = seats.filter(({ busy }) => !busy);
      // A started thread before one that has to be started.
      const seat = free.find(({ thread }) => thread) ?? free[0];
      const next = seat && queue.shift();
      if (!next) return;
      begin(seat, next);
    }
  }

  function begin(seat: Seat, waiting: Waiting): void {
    seat.busy = waiting;
    try {
      seat.thread ??= open(seat);
      seat.thread.ref();
      seat.thread.postMessage(waiting.job(seat.number));
    } catch (cause) {
      release(seat);
      const got = cause instanceof Error ? cause.message : String(cause);
      waiting.reject(new TrainingError({ what: 'a forest job cannot start', got, cause }));
    }
  }

  function release(seat: Seat): Waiting | undefined {
    const waiting = seat.busy;
    seat.busy = undefined;
    seat.thread?.unref();
    return waiting;
  }

  function end(seat: Seat, settle: (waiting: Waiting) => void): void {
    const waiting = release(seat);
    if (waiting) settle(waiting);
    dispatch();
  }

  function open(seat: Seat): Worker {
    const thread = startThread(import.meta.url, 'forest-thread', compileKernel());
    const lost = (what: string, got: string, cause?: unknown): void => {
      if (seat.thread !== thread) return;
      seat.thread = undefined;
      end(seat, ({ reject }) => {
        reject(new TrainingError({ what, where: 'forest thread', got, cause }));
      });
    };
    thread.on('message', (reply: { value?: unknown; error?: Error }) => {
      end(seat, ({ resolve, reject }) => {
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
    async close() {
      closed = true;
      for (const { reject } of queue.splice(0)) reject(stopping());
      await Promise.all(seats.map(async ({ thread }) => thread?.terminate()));
    },
  };
}

function stopping(): TrainingError {
  return new TrainingError({ what: 'the worker is stopping' });
}

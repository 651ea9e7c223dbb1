import { fstat } from 'node:fs';
import { promisify } from 'node:util';
import type { Worker } from 'node:worker_threads';
import type { DataFile } from '../../activities/dataset/data-directory.ts';
import type { DatasetReader, ReadDataset } from '../../activities/dataset/dataset-reader.ts';
import { DatasetError, InvalidInput, type ErrorFacts } from '../../domain/errors.ts';
import type { RatingRows } from '../../domain/dataset/rating-table.ts';
import { startThread } from '../../forest/threads/thread.ts';
import type { ThreadReply, ThreadRequest } from './thread/reader-thread.ts';

/** A thread that has read a larger file ends: its heap would stay as large as the file made it. */
const REUSABLE_BYTES = 16e6;

/** One file after the other: a thread with danfo needs 90 MB, and a table more. */
interface Lane {
  isBusy: boolean;
  readonly waiting: (() => void)[];
}

/**
 * Reads files in threads, which alone know danfo. A thread takes a moment to load it, so one starts at once, and those
 * that finish their work are used again. An idle thread does not keep the process alive.
 */
export function createCsvReader(): DatasetReader & { close(): Promise<void> } {
  const idle: Worker[] = [];
  const all = new Set<Worker>();
  /** A small file, which takes a moment, does not wait for a large one. */
  const lanes = { small: newLane(), large: newLane() };

  function start(): Worker {
    const thread = startThread(import.meta.url, 'thread/reader-thread', undefined);
    all.add(thread);
    thread.once('exit', () => {
      all.delete(thread);
      if (idle.includes(thread)) idle.splice(idle.indexOf(thread), 1);
    });
    // Without a listener, an error ends the process; who uses the thread has a listener of its own.
    thread.on('error', () => undefined);
    thread.unref();
    return thread;
  }

  async function acquire({ descriptor }: DataFile, signal: AbortSignal) {
    const { size } = await promisify(fstat)(descriptor);
    const lane = size > REUSABLE_BYTES ? lanes.large : lanes.small;
    const { waiting } = lane;
    while (lane.isBusy) {
      await new Promise<void>((resolve, reject) => {
        const leave = (): void => {
          waiting.splice(waiting.indexOf(enter), 1);
          reject(signal.reason as Error);
        };
        const enter = (): void => {
          signal.removeEventListener('abort', leave);
          resolve();
        };
        waiting.push(enter);
        signal.addEventListener('abort', leave, { once: true });
      });
    }
    lane.isBusy = true;
    const thread = idle.pop() ?? start();
    thread.ref();
    return { lane, thread };
  }

  async function release(lane: Lane, thread: Worker, isReusable: boolean): Promise<void> {
    thread.unref();
    if (isReusable) idle.push(thread);
    else await thread.terminate();
    lane.isBusy = false;
    lane.waiting.shift()?.();
  }

  idle.push(start());
  return {
    async read(file, options, signal, report) {
      const { lane, thread } = await acquire(file, signal);
      const calls = createCalls(thread, signal, report);
      const nextRows = () => calls.call({ kind: 'next' }, 'rows');
      let isOpen = true;
      const close = async (isReusable: boolean): Promise<void> => {
        if (!isOpen) return;
        isOpen = false;
        calls.stop();
        if (isReusable) thread.postMessage({ kind: 'close' } satisfies ThreadRequest);
        await release(lane, thread, isReusable);
      };
      try {
        const { descriptor, name } = file;
        const { facts, sha256, bytes } = await calls.call(
          { kind: 'read', file: { descriptor, name }, options },
          'read',
        );
        return {
          facts,
          schema: { features: facts.features, target: facts.target },
          sha256,
          bytes,
          async *rows(): AsyncGenerator<RatingRows> {
            for (let coming = nextRows(); ;) {
              const { rows } = await coming;
              if (rows === null) return;
              // The thread works on the next ones while the caller has these.
              coming = nextRows();
              coming.catch(() => undefined);
              yield rows;
            }
          },
          close: () => close(!signal.aborted && bytes <= REUSABLE_BYTES && calls.areAnswered()),
        } satisfies ReadDataset;
      } catch (error) {
        await close(error instanceof DatasetError || error instanceof InvalidInput);
        throw error;
      }
    },
    async close() {
      await Promise.all([...all].map((thread) => thread.terminate()));
    },
  };
}

function newLane(): Lane {
  return { isBusy: false, waiting: [] };
}

type Kind = ThreadReply['kind'];
type Reply<K extends Kind> = Extract<ThreadReply, { readonly kind: K }>;

/** Requests to a thread, one at a time. */
function createCalls(thread: Worker, signal: AbortSignal, report: (rows: number) => void) {
  let settle: { readonly resolve: (reply: never) => void; readonly reject: (error: unknown) => void } | null =
    null;
  const onMessage = (reply: ThreadReply): void => {
    if (reply.kind === 'progress') report(reply.rows);
    else {
      if (reply.kind === 'failed') settle?.reject(revive(reply));
      else settle?.resolve(reply as never);
      settle = null;
    }
  };
  const onError = (error: Error): void => settle?.reject(error);
  const onExit = (): void => settle?.reject(new Error('the thread that reads the file ended early'));
  const onAbort = (): void => settle?.reject(signal.reason);
  thread.on('message', onMessage).on('error', onError).on('exit', onExit);
  signal.addEventListener('abort', onAbort);
  return {
    call<K extends Kind>(request: ThreadRequest, _reply: K): Promise<Reply<K>> {
      signal.throwIfAborted();
      return new Promise<Reply<K>>((resolve, reject) => {
        settle = { resolve, reject };
        thread.postMessage(request);
      });
    },
    /** Whether the thread has nothing to say any more. */
    areAnswered: () => settle === null,
    stop() {
      thread.off('message', onMessage).off('error', onError).off('exit', onExit);
      signal.removeEventListener('abort', onAbort);
    },
  };
}

function revive({ type, facts, error }: Reply<'failed'>): unknown {
  const known: Readonly<Record<string, new (facts: ErrorFacts) => Error>> = { DatasetError, InvalidInput };
  const Class = type === null ? undefined : known[type];
  if (!Class || !facts) return error;
  const { cause, stack } = error as Error;
  const revived = new Class({ ...facts, cause });
  if (stack !== undefined) revived.stack = stack;
  return revived;
}

import type { Worker } from 'node:worker_threads';
import type { Plots } from '../../activities/run/render-report.ts';
import { startThread } from '../../forest/threads/thread.ts';
import type { Drawing } from '../../report/figure.ts';
import type { PlotReply, PlotRequest } from './plot-thread.ts';

/** The thread holds some 60 MB; loading Vega again takes half a second. */
const KEPT_MS = 5 * 60_000;

interface Waiting {
  readonly resolve: (drawing: Drawing) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Draws plots in a thread of its own, one after the other: the dozen plots of a report take half a second. The thread
 * starts when it is first needed and ends when it has been idle for a while.
 */
export function createVegaPlots(keptMs = KEPT_MS): Plots & { close(): Promise<void> } {
  const waiting = new Map<number, Waiting>();
  let thread: Worker | undefined;
  let idle: NodeJS.Timeout | undefined;
  let ids = 0;

  function start(): Worker {
    clearTimeout(idle);
    if (thread) return thread;
    const started = startThread(import.meta.url, 'plot-thread', undefined);
    const lost = (error: Error): void => {
      if (thread === started) forget(error);
    };
    started.on('message', receive);
    started.on('error', lost);
    started.on('exit', (code) => {
      lost(new Error(`the thread that draws plots ended early with exit code ${code}`));
    });
    return (thread = started);
  }

  function receive({ id, drawing, error }: PlotReply): void {
    const request = waiting.get(id);
    waiting.delete(id);
    if (drawing) request?.resolve(drawing);
    else request?.reject(error);
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
    // First, so that no plot goes to a thread that ends.
    forget(new Error('the worker is stopping'));
    await ending?.terminate();
  }

  return {
    prepare() {
      start();
      if (waiting.size === 0) rest();
    },
    draw: (plot) =>
      new Promise((resolve, reject) => {
        const drawing = start();
        drawing.ref();
        const id = (ids += 1);
        waiting.set(id, { resolve, reject });
        drawing.postMessage({ id, plot } satisfies PlotRequest);
      }),
    close,
  };
}

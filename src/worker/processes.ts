import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../adapters/logger.ts';
import type { RunningWorker } from '../worker.ts';

/** What a process tells the one that started it. */
export type ProcessReport =
  | { readonly kind: 'started'; readonly metricsUrl?: string }
  | { readonly kind: 'lacks'; readonly lacks: readonly string[] }
  | { readonly kind: 'failed'; readonly reason: string };

export interface RunningProcesses extends RunningWorker {
  /** All that should run. */
  processes(): readonly ProcessState[];
}

interface ProcessState {
  readonly number: number;
  readonly isReady: boolean;
  readonly metricsUrl?: string | undefined;
  readonly lacks: readonly string[];
}

interface Settings {
  readonly count: number;
  /** @param number from 1 on */
  readonly fork: (number: number) => ChildProcess;
  readonly logger: Logger;
  /** Before the first restart; a second. */
  readonly restartDelayMs?: number;
}

/** How a process ended. */
interface End {
  readonly hasStarted: boolean;
  readonly reason: string;
  readonly livedMs: number;
}

const RESTART_DELAY_MS = 1_000;
const MAX_RESTART_DELAY_MS = 30_000;
/** After so long, an end has nothing to do with the one before. */
const STABLE_MS = 60_000;
/** Ends in a row before a process has started: the next one would end too. */
const MAX_FAILED_STARTS = 5;

/** A process does not start; the others were stopped. */
export class ProcessFailed extends Error {
  override readonly name = 'ProcessFailed';
}

/**
 * Keeps processes of this program running. One that ends is started again, later each time. A process is told to stop by
 * closing its channel, which also happens when this process dies: then it finishes its work and ends.
 */
export function startProcesses(settings: Settings): RunningProcesses {
  const { count, fork, logger, restartDelayMs = RESTART_DELAY_MS } = settings;
  const running = new Map<number, ChildProcess>();
  const started = new Map<number, Extract<ProcessReport, { readonly kind: 'started' }>>();
  const lacks = new Map<number, readonly string[]>();
  const stopping = new AbortController();
  let hasAnyStarted = false;

  async function run(number: number): Promise<End> {
    const begunMs = performance.now();
    const child = fork(number);
    running.set(number, child);
    let hasStarted = false;
    let reason: string | undefined;
    child.on('message', (message) => {
      // tsx sends messages of its own.
      const report = message as ProcessReport | { readonly kind?: never } | null;
      if (report?.kind === 'started') {
        hasStarted = hasAnyStarted = true;
        started.set(number, report);
      }
      if (report?.kind === 'lacks') lacks.set(number, report.lacks);
      if (report?.kind === 'failed') ({ reason } = report);
    });
    const ended = await new Promise<string>((resolve) => {
      child.once('error', ({ message }) => {
        resolve(message);
      });
      child.once('exit', (code, signal) => {
        const how = signal === null ? `exit code ${code}` : `signal ${signal}`;
        resolve(`worker process ${number} ended with ${how}`);
      });
    });
    running.delete(number);
    started.delete(number);
    lacks.delete(number);
    // Its last messages may arrive after its end.
    if (child.connected) await once(child, 'disconnect');
    return { hasStarted, reason: reason ?? ended, livedMs: performance.now() - begunMs };
  }

  const isStopping = (): boolean => stopping.signal.aborted;

  async function keepRunning(number: number): Promise<void> {
    let failedStarts = 0;
    let delayMs = restartDelayMs;
    for (;;) {
      const { hasStarted, reason, livedMs } = await run(number);
      if (isStopping()) return;
      failedStarts = hasStarted ? 0 : failedStarts + 1;
      // No process has ever started, so a setting is wrong: the command reports it at once.
      if (!hasAnyStarted) throw new ProcessFailed(reason);
      if (failedStarts === MAX_FAILED_STARTS) {
        const times = `${failedStarts} times in a row`;
        throw new ProcessFailed(`worker process ${number} has failed to start ${times}: ${reason}`);
      }
      if (livedMs > STABLE_MS) delayMs = restartDelayMs;
      logger.error({ process: number, reason, delayMs }, 'a worker process has ended and is started again');
      await sleep(delayMs, undefined, { signal: stopping.signal }).catch(() => undefined);
      if (isStopping()) return;
      delayMs = Math.min(2 * delayMs, MAX_RESTART_DELAY_MS);
    }
  }

  function stop(): void {
    if (isStopping()) return;
    stopping.abort();
    for (const child of running.values()) if (child.connected) child.disconnect();
  }

  // When this process is told to end at once, nothing may be left behind.
  const killAll = (): void => {
    for (const child of running.values()) child.kill('SIGKILL');
  };
  process.on('exit', killAll);
  const numbers = Array.from({ length: count }, (_, index) => index + 1);
  const runs = numbers.map((number) => keepRunning(number).finally(stop));
  const stopped = Promise.allSettled(runs).then(async () => {
    process.off('exit', killAll);
    await Promise.all(runs);
  });
  // The caller awaits it later: a rejection before that must not count as unhandled.
  stopped.catch(() => undefined);
  return {
    stopped,
    processes: () =>
      numbers.map((number) => ({
        number,
        isReady: started.has(number),
        metricsUrl: started.get(number)?.metricsUrl,
        lacks: lacks.get(number) ?? [],
      })),
    async shutdown() {
      stop();
      await stopped;
    },
  };
}

import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readLogTail } from '../../../src/dev/process/server-log.ts';
import {
  startSupervised,
  type SupervisedProcess,
  type ProcessExit,
} from '../../../src/dev/process/supervised-process.ts';
import { pollUntil } from '../../support/poll-until.ts';
import type { FaultyWorkerPlan } from '../worker/faulty-worker.ts';
import { readJournal } from '../worker/journal.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
/** More than a round can kill. The limit ends the restarts of a worker that cannot start. */
const MAX_WORKERS = 15;

/** The worker processes of a round. One that dies is replaced, unless another one runs. */
export interface RoundWorkers {
  /** Resolves when all of them poll. */
  start(workers: number): Promise<void>;
  exitOf(pid: number): Promise<ProcessExit>;
  /** Starts another worker for one that was stopped by SIGSTOP. */
  replace(pid: number): void;
  /** SIGCONT. */
  resume(pid: number): void;
  logFiles(): readonly string[];
  logTails(): Promise<string>;
  stop(): Promise<void>;
}

export function createWorkers(plan: FaultyWorkerPlan, env: Readonly<Record<string, string>>): RoundWorkers {
  const workers: SupervisedProcess[] = [];
  const gone = new Set<number>();
  const stopped = new Set<number>();
  let isStopping = false;
  let replacing: Promise<unknown> = Promise.resolve();

  async function add(): Promise<void> {
    if (isStopping || workers.length >= MAX_WORKERS) return;
    const name = `worker-${workers.length + 1}`;
    const worker = await startSupervised({
      name,
      // `env` passes its own environment on and adds this one.
      command: 'env',
      args: [
        ...Object.entries(env).map(([key, value]) => `${key}=${value}`),
        process.execPath,
        '--import',
        'tsx',
        'test/faults/worker/faulty-worker.ts',
        JSON.stringify(plan),
      ],
      cwd: ROOT,
      logFile: join(plan.directory, `${name}.log`),
      pidFile: join(plan.directory, `${name}.pid`),
    });
    workers.push(worker);
    void worker.exited.then(() => {
      gone.add(worker.pid);
      keepOneRunning();
    });
  }

  function keepOneRunning(): void {
    replacing = replacing.then(async () => {
      if (!workers.some(({ pid }) => !gone.has(pid) && !stopped.has(pid))) await add();
    });
  }

  return {
    async start(count) {
      for (let i = 0; i < count; i += 1) await add();
      await pollUntil(`${count} workers to poll`, async () => {
        const polling = readJournal(plan.directory).filter(({ event }) => event === 'polling');
        return polling.length >= count;
      });
    },
    async exitOf(pid) {
      const worker = workers.find((candidate) => candidate.pid === pid);
      if (worker === undefined) throw new Error(`no worker of this round has pid ${pid}`);
      return worker.exited;
    },
    replace(pid) {
      stopped.add(pid);
      keepOneRunning();
    },
    resume(pid) {
      stopped.delete(pid);
      process.kill(pid, 'SIGCONT');
    },
    logFiles: () => workers.map(({ logFile }) => logFile),
    async logTails() {
      const tails = await Promise.all(
        workers.map(async ({ pid, logFile }) => `== ${logFile} (pid ${pid})\n${await readLogTail(logFile)}`),
      );
      return tails.join('\n');
    },
    async stop() {
      isStopping = true;
      await replacing;
      await Promise.all(workers.map((worker) => worker.stop()));
    },
  };
}

import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readLogTail } from '../../src/dev/process/server-log.ts';
import {
  startSupervised,
  type SupervisedProcess,
  type ProcessExit,
} from '../../src/dev/process/supervised-process.ts';
import { pollUntil } from '../support/poll-until.ts';
import type { FaultyWorkerPlan } from './faulty-worker.ts';
import { readJournal } from './journal.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** More than a round can kill; a worker that cannot start at all must not be started for ever. */
const MAX_WORKERS = 15;

/** The worker processes of a round. One that dies is replaced, unless another one is awake. */
export interface Crew {
  /** Resolves when all of them poll. */
  start(workers: number): Promise<void>;
  exitOf(pid: number): Promise<ProcessExit>;
  /** Another worker for one that was stopped. */
  relieve(pid: number): void;
  /** SIGCONT. */
  wake(pid: number): void;
  logFiles(): readonly string[];
  logTails(): Promise<string>;
  stop(): Promise<void>;
}

export function createCrew(plan: FaultyWorkerPlan, env: Readonly<Record<string, string>>): Crew {
  const workers: SupervisedProcess[] = [];
  const gone = new Set<number>();
  const asleep = new Set<number>();
  let isStopping = false;
  let replacing: Promise<unknown> = Promise.resolve();

  async function add(): Promise<void> {
    if (isStopping || workers.length >= MAX_WORKERS) return;
    const name = `worker-${workers.length + 1}`;
    const worker = await startSupervised({
      name,
      // It passes its own environment on; this one is added to it.
      command: 'env',
      args: [
        ...Object.entries(env).map(([key, value]) => `${key}=${value}`),
        ...[process.execPath, '--import', 'tsx', 'test/faults/faulty-worker.ts', JSON.stringify(plan)],
      ],
      cwd: ROOT,
      logFile: join(plan.directory, `${name}.log`),
      pidFile: join(plan.directory, `${name}.pid`),
    });
    workers.push(worker);
    void worker.exited.then(() => {
      gone.add(worker.pid);
      keepOneAwake();
    });
  }

  function keepOneAwake(): void {
    replacing = replacing.then(async () => {
      if (!workers.some(({ pid }) => !gone.has(pid) && !asleep.has(pid))) await add();
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
    relieve(pid) {
      asleep.add(pid);
      keepOneAwake();
    },
    wake(pid) {
      asleep.delete(pid);
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

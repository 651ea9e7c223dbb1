import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { MersenneTwister19937, pick } from 'random-js';
import { pollUntil } from '../../support/poll-until.ts';
import { createWorkers } from '../environment/workers.ts';
import { readJournal, type JournalLine } from '../worker/journal.ts';
import type { ChaosServers } from './servers.ts';

const WORKERS = 3;

export interface Killing {
  /** Resolves after the last kill, when all workers poll again. @returns how many were killed */
  kill(seconds: number, everySeconds: number, log: (line: string) => void): Promise<number>;
  /** Every attempt of every worker. */
  journal(): readonly JournalLine[];
  logTails(): Promise<string>;
  stop(): Promise<void>;
}

/** Worker processes, of which one is killed at intervals and started again at once, in its own directories. */
export async function startWorkers(servers: ChaosServers, seed: number): Promise<Killing> {
  const { directory, bundleFile } = servers;
  const engine = MersenneTwister19937.seed(seed);
  const workers = await Promise.all(
    Array.from({ length: WORKERS }, async (_, index) => {
      const own = join(directory, `worker-${index + 1}`, 'journal');
      await mkdir(own, { recursive: true });
      const group = createWorkers(
        { directory: own, injections: [], bundleFile },
        await servers.envOf(index + 1),
      );
      await group.start(1);
      return {
        name: `worker ${index + 1}`,
        group,
        polls: () => pollsOf(own),
        journal: () => readJournal(own),
      };
    }),
  );
  let isStopping = false;

  return {
    async kill(seconds, everySeconds, log) {
      const begunMs = Date.now();
      const killed = new Map(workers.map(({ name }) => [name, 0]));
      const untilPolling = (worker: (typeof workers)[number]) =>
        pollUntil(
          `${worker.name} to poll`,
          async () => worker.polls().length > (killed.get(worker.name) ?? 0),
        );
      for (let due = everySeconds; due <= seconds; due += everySeconds) {
        await sleep(Math.max(0, begunMs + due * 1_000 - Date.now()));
        if (isStopping) break;
        const victim = pick(engine, workers);
        // It may still be starting after its last end.
        await untilPolling(victim);
        process.kill(victim.polls().at(-1) ?? NaN, 'SIGKILL');
        killed.set(victim.name, (killed.get(victim.name) ?? 0) + 1);
        log(`${due} s: ${victim.name} killed`);
      }
      await Promise.all(workers.map(untilPolling));
      return [...killed.values()].reduce((sum, times) => sum + times, 0);
    },
    journal: () => workers.flatMap((worker) => worker.journal()),
    async logTails() {
      return (await Promise.all(workers.map((worker) => worker.group.logTails()))).join('\n');
    },
    async stop() {
      isStopping = true;
      await Promise.all(workers.map((worker) => worker.group.stop()));
    },
  };
}

/** The process ids that a worker has had, in order. */
function pollsOf(directory: string): number[] {
  return readJournal(directory)
    .filter(({ event }) => event === 'polling')
    .map(({ pid }) => pid);
}

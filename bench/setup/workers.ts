import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { waitUntilReady } from '../../src/dev/process/readiness.ts';
import { startSupervised } from '../../src/dev/process/supervised-process.ts';
import { progress } from '../suite/progress.ts';
import { forgetPeak, memoryOf, type ProcessMemory } from './process-memory.ts';
import { compileProgram } from './program.ts';

/** A worker of several processes that polls a task queue of its own. */
export interface Workers {
  readonly taskQueue: string;
  /** What their processes need now and have needed at most since {@link Workers.forgetPeaks}. */
  readonly memory: () => readonly ProcessMemory[];
  readonly forgetPeaks: () => void;
  readonly stop: () => Promise<void>;
}

/** Of a start from compiled code, which takes a second or two. */
const START_TIMEOUT_MS = 2 * 60_000;

/** @param name of the task queue and the log */
export async function startWorkers(
  processes: number,
  env: Readonly<Record<string, string>>,
  directory: string,
  name = `${processes}`,
): Promise<Workers> {
  const program = await compileProgram();
  progress(`starting ${processes} worker process${processes === 1 ? '' : 'es'}`);
  const taskQueue = `bench-${name}`;
  const settings = { ...env, TASK_QUEUE: taskQueue, WORKER_PROCESSES: `${processes}`, LOG_LEVEL: 'info' };
  const variables = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
  const logFile = join(directory, `worker-${name}.log`);
  const worker = await startSupervised({
    name: 'worker',
    command: 'env',
    args: [...variables, process.execPath, program.cli, 'worker'],
    logFile,
    pidFile: `${logFile}.pid`,
  });
  let pids: readonly number[] = [];
  const findPids = async (): Promise<void> => {
    pids = await readStarted(logFile);
    if (pids.length < processes) throw new Error(`${pids.length} of ${processes} processes have started`);
  };
  await waitUntilReady('worker', worker, findPids, START_TIMEOUT_MS);
  return {
    taskQueue,
    memory: () => pids.map(memoryOf),
    forgetPeaks() {
      for (const pid of pids) forgetPeak(pid);
    },
    stop: () => worker.stop(),
  };
}

/** Process ids from the log of a worker. */
async function readStarted(logFile: string): Promise<number[]> {
  const lines = (await readFile(logFile, 'utf8')).split('\n');
  return lines
    .filter((line) => line.includes('"worker started"'))
    .map((line) => (JSON.parse(line) as { readonly pid: number }).pid);
}

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { waitUntilReady } from '../../src/dev/process/readiness.ts';
import { startSupervised } from '../../src/dev/process/supervised-process.ts';
import { progress } from '../suite/progress.ts';
import { forgetPeak, memoryOf, type ProcessMemory } from './process-memory.ts';
import { compileProgram } from './program.ts';

/** Worker processes that poll a task queue of their own. */
export interface Workers {
  readonly taskQueue: string;
  /** What their processes need now and have needed at most since {@link Workers.forgetPeaks}. */
  readonly memory: () => readonly ProcessMemory[];
  readonly forgetPeaks: () => void;
  readonly stop: () => Promise<void>;
}

/** Of a start from compiled code, which takes a second or two. */
const START_TIMEOUT_MS = 2 * 60_000;

export async function startWorkers(
  processes: number,
  env: Readonly<Record<string, string>>,
  directory: string,
): Promise<Workers> {
  const program = await compileProgram();
  progress(`starting ${processes} worker process${processes === 1 ? '' : 'es'}`);
  const taskQueue = `bench-${processes}`;
  const settings = Object.entries({ ...env, TASK_QUEUE: taskQueue, LOG_LEVEL: 'info' });
  const variables = settings.map(([name, value]) => `${name}=${value}`);
  const workers = await Promise.all(
    Array.from({ length: processes }, async (_, i) => {
      const logFile = join(directory, `worker-${processes}-${i + 1}.log`);
      const worker = await startSupervised({
        name: 'worker',
        command: 'env',
        args: [...variables, process.execPath, program.cli, 'worker'],
        logFile,
        pidFile: `${logFile}.pid`,
      });
      await waitUntilReady('worker', worker, () => expectStarted(logFile), START_TIMEOUT_MS);
      return worker;
    }),
  );
  return {
    taskQueue,
    memory: () => workers.map(({ pid }) => memoryOf(pid)),
    forgetPeaks() {
      for (const { pid } of workers) forgetPeak(pid);
    },
    stop: async () => void (await Promise.all(workers.map((worker) => worker.stop()))),
  };
}

async function expectStarted(logFile: string): Promise<void> {
  const log = await readFile(logFile, 'utf8');
  if (!log.includes('worker started')) throw new Error('the worker has not started yet');
}

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { PROGRAM } from '../command/program.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

export interface WorkerProcess {
  readonly process: ChildProcess;
  /** SIGKILL: no handler runs, no connection is closed, no response is sent. */
  readonly kill: () => Promise<void>;
}

/** `imdb worker` as a process of its own, which starts no others; resolves when it polls. */
export async function startWorkerProcess(env: Readonly<Record<string, string>>): Promise<WorkerProcess> {
  const child = spawn(process.execPath, [...PROGRAM, 'worker'], {
    cwd: ROOT,
    env: { ...process.env, WORKER_PROCESSES: '1', ...env, LOG_LEVEL: 'info' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let log = '';
  await new Promise<void>((resolve, reject) => {
    child.stderr.on('data', (chunk: Buffer) => {
      log += chunk.toString();
      if (log.includes('worker started')) resolve();
    });
    child.once('exit', (code) => {
      reject(new Error(`the worker process ended with code ${code}:\n${log}`));
    });
  });
  return {
    process: child,
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

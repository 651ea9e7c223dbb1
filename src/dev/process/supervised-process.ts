import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, open, rm, writeFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { dirname } from 'node:path';
import { waitForPredecessor } from './predecessor.ts';
import { identifyProcess } from './process-identity.ts';
import { keepPreviousLog } from './server-log.ts';

export interface ProcessExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** True when the end followed a call of `stop()`. */
  readonly stopped: boolean;
}

export interface SupervisedProcess {
  /** The server itself, not a wrapper. */
  readonly pid: number;
  readonly logFile: string;
  /** Does not keep this process alive: the server ends with it. */
  readonly exited: Promise<ProcessExit>;
  /** Resolves when the process is gone; may be called again, and after it died by itself. */
  stop(): Promise<void>;
}

export interface SupervisedOptions {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly logFile: string;
  /** Remembers the process, so that the next start on the same state waits for a dying one. */
  readonly pidFile: string;
  readonly cwd?: string;
}

/** The server gets this long after SIGTERM, then SIGKILL. */
const STOP_TIMEOUT_SECONDS = 10;
/** A busy machine takes a while to end even a killed process. */
const PREDECESSOR_TIMEOUT_MS = (STOP_TIMEOUT_SECONDS + 60) * 1000;

/**
 * Stdin is a pipe that only the parent holds. The kernel closes it when the parent ends, however it
 * ends, and then the watcher stops the server. A line on the pipe means the opposite: the server is
 * gone and the pid must not be signalled, it may be somebody else's by now.
 * `exec` makes the server take over the pid of the shell, so the parent sees its exit and signals it directly.
 */
const WATCHED_EXEC = `
exec 3<&0
{
  if ! read -r gone <&3; then
    kill -TERM $$
    kill -CONT $$
    waited=0
    while kill -0 $$; do
      if [ $waited -ge ${STOP_TIMEOUT_SECONDS} ]; then kill -KILL $$; break; fi
      sleep 1
      waited=$((waited + 1))
    done
  fi
} >/dev/null 2>&1 &
exec "$@" </dev/null 3<&-
`;

/** Starts a server that never outlives this process, not even when this process is killed with SIGKILL. */
export async function startSupervised(options: SupervisedOptions): Promise<SupervisedProcess> {
  const { name, command, args, logFile, pidFile, cwd } = options;
  await mkdir(dirname(logFile), { recursive: true });
  await waitForPredecessor({ name, pidFile, timeoutMs: PREDECESSOR_TIMEOUT_MS });
  await keepPreviousLog(logFile);

  const log = await open(logFile, 'w');
  const child = spawn('/bin/sh', ['-c', WATCHED_EXEC, name, command, ...args], {
    cwd,
    // A session of its own: Ctrl-C reaches only the parent, which stops its servers in order.
    detached: true,
    stdio: ['pipe', log.fd, log.fd],
  });
  await once(child, 'spawn').finally(() => log.close());
  const exited = waitForExit(child);
  let stopped = false;
  const { pid } = child;
  if (pid === undefined) throw new Error(`${name}: spawned without a pid`);
  // The parent may end while the server runs: the pipe then takes the server down.
  child.unref();
  (child.stdin as Socket).unref();
  await writeFile(pidFile, JSON.stringify(await identifyProcess(pid)));

  return {
    pid,
    logFile,
    exited: exited.then((exit) => ({ ...exit, stopped })),
    stop: async () => {
      stopped = true;
      await stopChild(child, exited);
      await rm(pidFile, { force: true });
    },
  };
}

async function waitForExit(child: ChildProcess): Promise<Omit<ProcessExit, 'stopped'>> {
  // EPIPE: the watcher is gone too, e.g. when somebody killed the whole process group.
  child.stdin?.on('error', () => undefined);
  if (!hasExited(child)) await once(child, 'exit');
  child.stdin?.end('gone\n');
  return { code: child.exitCode, signal: child.signalCode };
}

async function stopChild(child: ChildProcess, exited: Promise<unknown>): Promise<void> {
  if (hasExited(child)) return;
  child.ref();
  child.kill('SIGTERM');
  // A server that was paused hears the signal only once it runs again.
  child.kill('SIGCONT');
  const kill = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_SECONDS * 1000);
  await exited;
  clearTimeout(kill);
}

function hasExited({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Socket } from 'node:net';
import { ServerStillRunning } from './server-errors.ts';
import { identifyProcess, waitUntilGone, type ProcessIdentity } from './process-identity.ts';

export interface TetherExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** True when the end followed a call of `stop()`. */
  readonly stopped: boolean;
}

export interface Tether {
  /** The server itself, not a wrapper. */
  readonly pid: number;
  readonly logFile: string;
  /** Does not keep this process alive: the server ends with it. */
  readonly exited: Promise<TetherExit>;
  /** Resolves when the process is gone; may be called again, and after it died by itself. */
  stop(): Promise<void>;
}

export interface TetherOptions {
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
    waited=0
    while kill -0 $$ && [ $waited -lt ${STOP_TIMEOUT_SECONDS} ]; do sleep 1; waited=$((waited + 1)); done
    kill -KILL $$
  fi
} >/dev/null 2>&1 &
exec "$@" </dev/null 3<&-
`;

/** Starts a server that never outlives this process, not even when this process is killed with SIGKILL. */
export async function startTethered(options: TetherOptions): Promise<Tether> {
  const { name, command, args, logFile, pidFile, cwd } = options;
  await mkdir(dirname(logFile), { recursive: true });
  await waitForPredecessor(name, pidFile);
  await keepPreviousLog(logFile);

  const log = await open(logFile, 'w');
  const child = spawn('/bin/sh', ['-c', WATCHED_EXEC, name, command, ...args], {
    cwd,
    // A session of its own: Ctrl-C reaches only the parent, which stops its servers in order.
    detached: true,
    stdio: ['pipe', log.fd, log.fd],
  });
  const exited = once(child, 'exit').then(([code, signal]): Omit<TetherExit, 'stopped'> => {
    releaseWatcher(child);
    return { code: code as number | null, signal: signal as NodeJS.Signals | null };
  });
  let stopped = false;
  try {
    await once(child, 'spawn');
  } finally {
    await log.close();
  }
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

async function stopChild(child: ChildProcess, exited: Promise<unknown>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.ref();
  child.kill('SIGTERM');
  const kill = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_SECONDS * 1000);
  await exited;
  clearTimeout(kill);
}

function releaseWatcher(child: ChildProcess): void {
  // EPIPE: the watcher is gone too, e.g. when somebody killed the whole process group.
  child.stdin?.on('error', () => undefined);
  child.stdin?.end('gone\n');
}

async function waitForPredecessor(name: string, pidFile: string): Promise<void> {
  let predecessor: ProcessIdentity;
  try {
    predecessor = JSON.parse(await readFile(pidFile, 'utf8')) as ProcessIdentity;
  } catch {
    return;
  }
  const timeoutMs = (STOP_TIMEOUT_SECONDS + 2) * 1000;
  if (!(await waitUntilGone(predecessor, timeoutMs))) {
    throw new ServerStillRunning({ name, pid: predecessor.pid, pidFile });
  }
}

/** A log starts with its process: the tail of an error is about this start; the last one is kept beside it. */
async function keepPreviousLog(logFile: string): Promise<void> {
  await rename(logFile, `${logFile}.previous`).catch(() => undefined);
}

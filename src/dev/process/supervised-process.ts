import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, open, readFile, rm, writeFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { dirname } from 'node:path';
import { identifyProcess, waitUntilGone, type ProcessIdentity } from './process-identity.ts';
import { keepPreviousLog } from './server-log.ts';

export interface ProcessExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** True when the process ended after a call of `stop()`. */
  readonly stopped: boolean;
}

export interface SupervisedProcess {
  /** The server itself, not a wrapper. */
  readonly pid: number;
  readonly logFile: string;
  /** Waiting for it does not keep this process alive: the server ends with this process. */
  readonly exited: Promise<ProcessExit>;
  /** Resolves when the process is gone; may be called again, also after the process ended by itself. */
  stop(): Promise<void>;
}

export interface SupervisedOptions {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly logFile: string;
  /** Identifies the process, so that the next start on the same state waits until it has ended. */
  readonly pidFile: string;
  readonly cwd?: string;
  /** How long `stop()` waits before it kills the server. */
  readonly stopTimeoutMs?: number;
}

class ServerStillRunning extends Error {
  override readonly name = 'ServerStillRunning';

  constructor(facts: { readonly name: string; readonly pid: number; readonly pidFile: string }) {
    super(
      `${facts.name}: process ${facts.pid} still uses the same state. ` +
        `End it, or delete ${facts.pidFile} if it is not a ${facts.name} server`,
    );
  }
}

/** How long after SIGTERM a server gets SIGKILL. */
const STOP_TIMEOUT_SECONDS = 10;
/** On a busy machine, even a killed process takes a while to end. */
const PREDECESSOR_TIMEOUT_MS = (STOP_TIMEOUT_SECONDS + 60) * 1000;

/**
 * Stdin is a pipe that only the parent holds. The kernel closes it when the parent ends for any reason,
 * and then the watcher stops the server. A line on the pipe means the opposite: the server is gone, and
 * the watcher must not signal its pid, which another process may have by now.
 * `exec` gives the server the pid of the shell, so the parent sees its exit and signals it directly.
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
  const { name, command, args, logFile, pidFile, cwd, stopTimeoutMs = STOP_TIMEOUT_SECONDS * 1000 } = options;
  await mkdir(dirname(logFile), { recursive: true });
  await waitForPredecessor(name, pidFile);
  await keepPreviousLog(logFile);

  const log = await open(logFile, 'w');
  const child = spawn('/bin/sh', ['-c', WATCHED_EXEC, name, command, ...args], {
    cwd,
    // In a session of its own: Ctrl-C reaches only the parent, which stops its servers in order.
    detached: true,
    stdio: ['pipe', log.fd, log.fd],
  });
  await once(child, 'spawn').finally(() => log.close());
  const exited = waitForExit(child);
  let stopped = false;
  const { pid } = child;
  if (pid === undefined) throw new Error(`${name}: spawned without a pid`);
  // The parent may end while the server runs: then the pipe ends the server.
  child.unref();
  (child.stdin as Socket).unref();
  await writeFile(pidFile, JSON.stringify(await identifyProcess(pid)));

  return {
    pid,
    logFile,
    exited: exited.then((exit) => ({ ...exit, stopped })),
    stop: async () => {
      stopped = true;
      await stopChild(child, exited, stopTimeoutMs);
      await rm(pidFile, { force: true });
    },
  };
}

/** A server whose parent was killed needs a moment to end, and two servers would damage each other's files. */
async function waitForPredecessor(name: string, pidFile: string): Promise<void> {
  let identity: ProcessIdentity;
  try {
    identity = JSON.parse(await readFile(pidFile, 'utf8')) as ProcessIdentity;
  } catch {
    // No file after a clean stop; an incomplete one after a crash of the machine, which left no server either.
    return;
  }
  if (!(await waitUntilGone(identity, PREDECESSOR_TIMEOUT_MS))) {
    throw new ServerStillRunning({ name, pid: identity.pid, pidFile });
  }
}

async function waitForExit(child: ChildProcess): Promise<Omit<ProcessExit, 'stopped'>> {
  // EPIPE: the watcher is gone, too, for example because the whole process group was killed.
  child.stdin?.on('error', () => undefined);
  if (!hasExited(child)) await once(child, 'exit');
  child.stdin?.end('gone\n');
  return { code: child.exitCode, signal: child.signalCode };
}

async function stopChild(child: ChildProcess, exited: Promise<unknown>, timeoutMs: number): Promise<void> {
  if (hasExited(child)) return;
  child.ref();
  child.kill('SIGTERM');
  // A paused server handles the signal only when it runs again.
  child.kill('SIGCONT');
  const kill = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
  await exited;
  clearTimeout(kill);
}

function hasExited({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

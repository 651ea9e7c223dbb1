import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** After a reboot, another process may have the pid; with its start time it is unique. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks since boot; null without /proc (macOS). */
  readonly startedAtTicks: string | null;
}

export async function identifyProcess(pid: number): Promise<ProcessIdentity> {
  return { pid, startedAtTicks: (await readProcStat(pid))?.startedAtTicks ?? null };
}

export async function isRunning({ pid, startedAtTicks }: ProcessIdentity): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it runs, as another user.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const stat = await readProcStat(pid);
  if (stat === undefined) return true;
  // A zombie holds no file and no port, and stays one without an init process that reaps it.
  return stat.state !== 'Z' && (startedAtTicks === null || stat.startedAtTicks === startedAtTicks);
}

/** False when the process still runs after the timeout. */
export async function waitUntilGone(identity: ProcessIdentity, timeoutMs: number): Promise<boolean> {
  const deadline = Date.now() + timeoutMs;
  while (await isRunning(identity)) {
    if (Date.now() >= deadline) return false;
    await sleep(50);
  }
  return true;
}

async function readProcStat(pid: number) {
  let stat: string;
  try {
    stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  // The second field is the command in parentheses, which may itself contain spaces and parentheses.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0] ?? '', startedAtTicks: fields[19] ?? '' };
}

import { readFile } from 'node:fs/promises';
import { waitUntilGone, type ProcessIdentity } from './process-identity.ts';
import { ServerStillRunning } from './server-errors.ts';

interface Predecessor {
  readonly name: string;
  readonly pidFile: string;
  readonly timeoutMs: number;
}

/** A server whose parent was killed needs a moment to end, and two servers on the same files would damage them. */
export async function waitForPredecessor({ name, pidFile, timeoutMs }: Predecessor): Promise<void> {
  let identity: ProcessIdentity;
  try {
    identity = JSON.parse(await readFile(pidFile, 'utf8')) as ProcessIdentity;
  } catch {
    // No file after a clean stop; half a file after a crash of the machine, which left no server either.
    return;
  }
  if (!(await waitUntilGone(identity, timeoutMs))) {
    throw new ServerStillRunning({ name, pid: identity.pid, pidFile });
  }
}

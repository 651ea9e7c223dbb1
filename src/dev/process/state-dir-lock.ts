import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { identifyProcess, isRunning, type ProcessIdentity } from './process-identity.ts';

export type LockClaim =
  | { readonly held: true; release(): Promise<void> }
  | { readonly held: false; readonly owner: ProcessIdentity };

interface LockContent extends ProcessIdentity {
  /** Distinguishes two claims by one process. */
  readonly claim: string;
}

/** A lock file that a process owns. The lock of a process that has ended is taken over. */
export async function claimLock(lockFile: string): Promise<LockClaim> {
  await mkdir(dirname(lockFile), { recursive: true });
  const content = JSON.stringify({
    ...(await identifyProcess(process.pid)),
    claim: randomUUID(),
  } satisfies LockContent);
  for (;;) {
    if (await createComplete(lockFile, content)) {
      return { held: true, release: () => rm(lockFile, { force: true }) };
    }
    const found = await readIfExists(lockFile);
    if (found === undefined) continue;
    const owner = JSON.parse(found) as LockContent;
    if (await isRunning(owner)) return { held: false, owner };
    await removeStale(lockFile, found);
  }
}

/** Under a lock of its own: of two processes that see the same stale lock, the slower must not remove the faster's new one. */
async function removeStale(lockFile: string, stale: string): Promise<void> {
  const removal = await claimLock(`${lockFile}.removal`);
  if (!removal.held) {
    await sleep(10);
    return;
  }
  try {
    if ((await readIfExists(lockFile)) === stale) await rm(lockFile);
  } finally {
    await removal.release();
  }
}

/** A link appears with its whole content and fails if the name is taken, so no process reads an incomplete lock. */
async function createComplete(lockFile: string, content: string): Promise<boolean> {
  const draft = `${lockFile}.${randomUUID()}`;
  await writeFile(draft, content);
  try {
    await link(draft, lockFile);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(draft);
  }
}

export async function readIfExists(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

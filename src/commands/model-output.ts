import { randomUUID } from 'node:crypto';
import { lstat, rename, rm, writeFile } from 'node:fs/promises';
import { UsageError } from './exit.ts';

/** @throws UsageError when something is there that may not be overwritten */
export async function requireWritable(path: string, force: boolean): Promise<void> {
  const existing = await statOf(path);
  if (existing?.isDirectory()) {
    throw new UsageError(`cannot write the model [${path}]: expected a file name, got a directory`);
  }
  if (existing && !force) {
    throw new UsageError(
      `cannot write the model [${path}]: the file exists. Overwrite it with --force, or name another with --out`,
    );
  }
}

async function statOf(path: string) {
  try {
    return await lstat(path);
  } catch {
    // Nothing is there, or something is wrong that the write will tell.
    return undefined;
  }
}

/** The file appears whole or not at all. */
export async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  const aside = `${path}.${randomUUID()}.tmp`;
  try {
    await writeFile(aside, bytes, { flag: 'wx', flush: true });
    await rename(aside, path);
  } catch (cause) {
    // Where not even the file aside could be made, there is nothing to remove.
    await rm(aside, { force: true }).catch(() => undefined);
    throw new UsageError(
      `cannot write the model [${path}]: ${(cause as Error).message}. Name another file with --out`,
      { cause },
    );
  }
}

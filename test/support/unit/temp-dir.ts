import { mkdtemp, readdir, readlink, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { test as base } from 'vitest';

/** `dir` is a directory of the test's own. */
export const test = base.extend('dir', async ({}, { onCleanup }) => {
  const dir = await realpath(await mkdtemp(join(tmpdir(), 'imdb-unit-')));
  onCleanup(() => rm(dir, { recursive: true }));
  return dir;
});

/** Paths of files, from the directory on. */
export async function filesBelow(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(dir, join(entry.parentPath, entry.name)));
}

/** Paths that this process has open; Linux. */
export async function openFilesBelow(dir: string): Promise<string[]> {
  const numbers = await readdir('/proc/self/fd');
  const paths = await Promise.all(
    numbers.map((number) => readlink(`/proc/self/fd/${number}`).catch(() => '')),
  );
  return paths.filter((path) => path.startsWith(dir));
}

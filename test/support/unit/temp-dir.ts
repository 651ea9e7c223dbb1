import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test as base } from 'vitest';

/** `dir` is a directory of the test's own. */
export const test = base.extend('dir', async ({}, { onCleanup }) => {
  const dir = await realpath(await mkdtemp(join(tmpdir(), 'imdb-unit-')));
  onCleanup(() => rm(dir, { recursive: true }));
  return dir;
});

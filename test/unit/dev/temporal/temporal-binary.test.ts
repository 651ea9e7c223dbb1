import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test as base } from 'vitest';
import { findTemporalBinary } from '../../../../src/dev/temporal/temporal-binary.ts';

const test = base.extend('dir', async ({}, { onCleanup }) => {
  const dir = await mkdtemp(join(tmpdir(), 'temporal-binary-'));
  onCleanup(() => rm(dir, { recursive: true }));
  return dir;
});

async function writeExecutable(path: string, printed: string): Promise<string> {
  await writeFile(path, `#!/bin/sh\necho "${printed}"\n`);
  await chmod(path, 0o755);
  return path;
}

test('a given CLI is used and its version is read from it', async ({ dir }) => {
  const cliPath = await writeExecutable(join(dir, 'cli'), 'temporal version 1.2.3 (Server 1.0.0, UI 2.0.0)');

  expect(await findTemporalBinary({ cliPath, cacheDir: dir })).toEqual({
    path: cliPath,
    version: '1.2.3',
    source: 'from TEMPORAL_CLI_PATH',
  });
});

test('a given CLI that does not run is an error, never a silent fallback', async ({ dir }) => {
  const missing = join(dir, 'missing');
  const plainFile = join(dir, 'plain-file');
  await writeFile(plainFile, 'text');
  const otherTool = await writeExecutable(join(dir, 'other-tool'), 'hello');
  await mkdir(join(dir, 'directory'));

  for (const [cliPath, reason] of [
    [missing, 'not found'],
    [plainFile, 'not executable'],
    [join(dir, 'directory'), 'not executable'],
    [otherTool, 'not a Temporal CLI, it printed: hello'],
  ] as const) {
    await expect(findTemporalBinary({ cliPath, cacheDir: dir })).rejects.toThrow(
      `  - TEMPORAL_CLI_PATH ${cliPath}: ${reason}\n`,
    );
  }
  await expect(findTemporalBinary({ cliPath: missing, cacheDir: dir })).rejects.toThrow(
    '`docker compose up`',
  );
});

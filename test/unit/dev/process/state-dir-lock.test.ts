import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test as base } from 'vitest';
import { claimLock } from '../../../../src/dev/process/state-dir-lock.ts';

const test = base.extend('dir', async ({}, { onCleanup }) => {
  const dir = await mkdtemp(join(tmpdir(), 'lock-'));
  onCleanup(() => rm(dir, { recursive: true }));
  return dir;
});

const STALE_OWNERS = {
  'a process that is gone': { pid: 2 ** 22 + 1, startedAtTicks: null },
  // After a reboot another process may have the pid.
  'another process with the same pid': { pid: process.pid, startedAtTicks: '1' },
};

test('one of many claims at once holds the lock, and a release frees it', async ({ dir }) => {
  const lockFile = join(dir, 'services.lock');
  const claims = await Promise.all(Array.from({ length: 20 }, () => claimLock(lockFile)));
  const held = claims.filter((claim) => claim.held);

  expect(held).toHaveLength(1);
  expect(claims.find((claim) => !claim.held)?.owner.pid).toBe(process.pid);

  await held[0]?.release();
  expect((await claimLock(lockFile)).held).toBe(true);
});

test.for(Object.entries(STALE_OWNERS))(
  'a lock left by %s is taken over by exactly one',
  async ([, owner], { dir, skip }) => {
    skip(process.platform !== 'linux' && owner.startedAtTicks !== null, 'start times come from /proc');
    const lockFile = join(dir, 'services.lock');
    await writeFile(lockFile, JSON.stringify({ ...owner, claim: 'stale' }));

    const claims = await Promise.all(Array.from({ length: 20 }, () => claimLock(lockFile)));

    expect(claims.filter((claim) => claim.held)).toHaveLength(1);
    expect(await readdir(dir)).toEqual(['services.lock']);
  },
);

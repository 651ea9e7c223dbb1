import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test as base } from 'vitest';
import { identifyProcess, waitUntilGone } from '../../../../src/dev/process/process-identity.ts';
import { readLogTail } from '../../../../src/dev/process/server-log.ts';
import { startSupervised } from '../../../../src/dev/process/supervised-process.ts';

const GONE_TIMEOUT_MS = 60_000;
const SUPERVISED_MODULE = new URL('../../../../src/dev/process/supervised-process.ts', import.meta.url).href;

const test = base
  .extend('dir', async ({}, { onCleanup }) => {
    const dir = await mkdtemp(join(tmpdir(), 'supervised-'));
    onCleanup(() => rm(dir, { recursive: true }));
    return dir;
  })
  .extend('files', ({ dir }) => ({ logFile: join(dir, 'server.log'), pidFile: join(dir, 'server.pid') }));

test('a stopped server is gone when stop resolves, and may be stopped again', async ({ files }) => {
  const server = await startSupervised({ name: 'Sleeper', command: 'sleep', args: ['600'], ...files });
  const identity = await identifyProcess(server.pid);
  await expect.poll(() => countGroup(server.pid)).toBe(2);

  await Promise.all([server.stop(), server.stop()]);

  expect(await waitUntilGone(identity, 0)).toBe(true);
  await expect.poll(() => countGroup(server.pid)).toBe(0);
  expect(await server.exited).toEqual({ code: null, signal: 'SIGTERM', stopped: true });
});

test('a server that is paused can be stopped', async ({ files }) => {
  const server = await startSupervised({ name: 'Sleeper', command: 'sleep', args: ['600'], ...files });
  process.kill(server.pid, 'SIGSTOP');

  await server.stop();

  expect(await server.exited).toEqual({ code: null, signal: 'SIGTERM', stopped: true });
});

test('a start on the state of a server that still runs waits for its end', async ({ files }) => {
  const first = await startSupervised({ name: 'Sleeper', command: 'sleep', args: ['600'], ...files });
  const second = startSupervised({ name: 'Sleeper', command: 'sleep', args: ['600'], ...files });
  setTimeout(() => process.kill(first.pid, 'SIGKILL'), 200);

  const server = await second;
  expect(await first.exited).toEqual({ code: null, signal: 'SIGKILL', stopped: false });
  await server.stop();
});

test('a server that ends by itself is distinguished from a stopped one, with its log', async ({ files }) => {
  const server = await startSupervised({
    name: 'Quitter',
    command: 'sh',
    args: ['-c', 'echo "no disk" >&2; exit 3'],
    ...files,
  });

  expect(await server.exited).toEqual({ code: 3, signal: null, stopped: false });
  expect(await readLogTail(files.logFile)).toBe('no disk');
});

test('a command that does not exist is an exit with a log, not a crash of the parent', async ({ files }) => {
  const server = await startSupervised({ name: 'Missing', command: 'no-such-command', args: [], ...files });

  expect(await server.exited).toMatchObject({ code: 127 });
  expect(await readLogTail(files.logFile)).toContain('no-such-command');
});

test('the log of the start before is kept beside the new one', async ({ files }) => {
  for (const word of ['first', 'second']) {
    const server = await startSupervised({ name: 'Echo', command: 'echo', args: [word], ...files });
    await server.exited;
  }

  expect(await readFile(files.logFile, 'utf8')).toBe('second\n');
  expect(await readFile(`${files.logFile}.previous`, 'utf8')).toBe('first\n');
});

test.for([
  ['ends without a stop', ''],
  ['crashes', 'throw new Error("crash");'],
  ['is killed with SIGKILL', 'process.kill(process.pid, "SIGKILL");'],
])('a server and its watcher do not outlive a parent that %s', async ([, lastStatement], { files }) => {
  const script = `
    import { startSupervised } from ${JSON.stringify(SUPERVISED_MODULE)};
    const server = await startSupervised(${JSON.stringify({ name: 'Sleeper', command: 'sleep', args: ['600'], ...files })});
    console.log(server.pid);
    ${lastStatement}
  `;
  const parent = await execa(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', script], {
    reject: false,
  });
  const identity = await identifyProcess(Number(parent.stdout));

  expect(identity.pid).toBeGreaterThan(1);
  expect(await waitUntilGone(identity, GONE_TIMEOUT_MS)).toBe(true);
  await expect.poll(() => countGroup(identity.pid)).toBe(0);
});

/** Counts server and watcher, whose process group has the server's pid. Zombies do not count: init reaps them later. */
async function countGroup(pid: number): Promise<number> {
  const { stdout } = await execa('ps', ['-eo', 'pgid=,stat=']);
  const rows = stdout.split('\n').map((row) => row.trim().split(/\s+/));
  return rows.filter(([group, state]) => group === `${pid}` && state?.startsWith('Z') === false).length;
}

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { createLogger } from '../../../src/adapters/logger.ts';
import { startProcesses } from '../../../src/worker/processes.ts';
import { test } from '../../support/unit/temp-dir.ts';

/** Ends when its channel is closed, as a worker does. */
const GOOD = `process.send({ kind: 'started' }); process.once('disconnect', () => process.exit(0));`;
const BAD = `process.send({ kind: 'failed', reason: 'no server' }, () => process.exit(2));`;

interface Started {
  readonly number: number;
  readonly child: ChildProcess;
  readonly reported: Promise<unknown>;
}

/** @param scripts of the starts, in order; the last one stands for all others */
async function start(dir: string, count: number, ...scripts: readonly string[]) {
  const files = await Promise.all(
    scripts.map(async (script, index) => {
      const file = join(dir, `${index}.mjs`);
      await writeFile(file, script);
      return file;
    }),
  );
  const started: Started[] = [];
  const processes = startProcesses({
    count,
    logger: createLogger({ level: 'silent' }),
    restartDelayMs: 1,
    fork(number) {
      const child = fork(files[Math.min(started.length, files.length - 1)] ?? '', { execArgv: [] });
      started.push({ number, child, reported: once(child, 'message') });
      return child;
    },
  });
  onTestFinished(() => {
    for (const { child } of started) child.kill('SIGKILL');
  });
  const untilStarted = async (starts: number): Promise<void> => {
    await expect.poll(() => started.length).toBe(starts);
    await Promise.all(started.map(({ reported }) => reported));
  };
  return { processes, started, untilStarted };
}

function hasEnded({ child }: Started): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

test('what a process lacks is known until it ends', async ({ dir }) => {
  const lacks = ['a directory'];
  const lacking = `process.send({ kind: 'lacks', lacks: ['a directory'] }); ${GOOD}`;
  const { processes, started } = await start(dir, 2, lacking, lacking, GOOD);
  const states = () => processes.processes().map(({ isReady, lacks }) => ({ isReady, lacks }));

  await expect.poll(states).toEqual([
    { isReady: true, lacks },
    { isReady: true, lacks },
  ]);
  started[1]?.child.kill('SIGKILL');
  await expect.poll(states).toEqual([
    { isReady: true, lacks },
    { isReady: true, lacks: [] },
  ]);
  await processes.shutdown();
});

test('a process that is killed is started again under its number', async ({ dir }) => {
  const { processes, started, untilStarted } = await start(dir, 2, GOOD);
  await untilStarted(2);

  started[1]?.child.kill('SIGKILL');

  await untilStarted(3);
  expect(started.map(({ number }) => number)).toEqual([1, 2, 2]);
  await processes.shutdown();
  expect(started.every(hasEnded)).toBe(true);
});

test('all processes end by themselves when they are told to stop', async ({ dir }) => {
  const { processes, started, untilStarted } = await start(dir, 3, GOOD);
  await untilStarted(3);

  await processes.shutdown();

  expect(started.map(({ child }) => child.exitCode)).toEqual([0, 0, 0]);
});

test('a first process that does not start ends the others with its reason', async ({ dir }) => {
  const { processes, started } = await start(dir, 2, BAD);

  await expect(processes.stopped).rejects.toThrow(/^no server$/);

  expect(started).toHaveLength(2);
  expect(started.every(hasEnded)).toBe(true);
});

test('a process that no longer starts is given up after some attempts', async ({ dir }) => {
  const { processes, started, untilStarted } = await start(dir, 1, GOOD, BAD);
  await untilStarted(1);

  started[0]?.child.kill('SIGKILL');

  const message = 'worker process 1 has failed to start 5 times in a row: no server';
  await expect(processes.stopped).rejects.toThrow(message);
  expect(started).toHaveLength(6);
});

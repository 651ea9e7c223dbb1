import { execa } from 'execa';
import { expect, test } from 'vitest';

/** Without the end of its loops, the process neither prints nor takes any signal but this limit's. */
const LIMIT_MS = 60_000;

test('a consumer that is closed while a broker goes away leaves its process alive', async () => {
  const program = 'test/support/log/closed-runner-process.ts';
  const { stdout } = await execa(process.execPath, ['--import', 'tsx', program], {
    timeout: LIMIT_MS,
    killSignal: 'SIGKILL',
  });
  expect(stdout).toBe('closed');
});

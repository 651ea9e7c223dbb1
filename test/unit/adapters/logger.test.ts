import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { createLogger } from '../../../src/adapters/logger.ts';
import { test } from '../../support/unit/temp-dir.ts';

test('no secret reaches the log, wherever a library puts it', async ({ dir }) => {
  const file = join(dir, 'log');
  const secret = 'pass "word"\\1\n';
  const logger = createLogger({ level: 'debug', file, secrets: [secret] });
  const cause = new Error(`cause ${secret}`);
  logger.error(
    { err: new Error(`failed ${secret}`, { cause }), nested: { list: [secret] } },
    `message ${secret}`,
  );
  logger.child({ child: secret }).debug({ url: `http://h/?p=${encodeURIComponent(secret)}` }, 'request');
  logger.flush();
  await expect.poll(() => readFile(file, 'utf8')).toContain('request');
  const log = await readFile(file, 'utf8');

  expect(log).toContain('message [secret]');
  expect(log).not.toMatch(/pass|word/);
  const lines = log
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as object);
  expect(lines).toHaveLength(2);
});

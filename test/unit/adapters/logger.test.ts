import { AsyncResource } from 'node:async_hooks';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { createLogger, logWith } from '../../../src/adapters/logger.ts';
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

test('lines of work have its ids until it is done, whoever writes them', async ({ dir }) => {
  const file = join(dir, 'log');
  const logger = createLogger({ level: 'info', file });
  let later: (() => void) | undefined;
  const work = async (ids: object) =>
    logWith(ids, async () => {
      await Promise.resolve();
      logger.info('during');
      later ??= AsyncResource.bind(() => {
        logger.info('later');
      });
    });

  await Promise.all([work({ activityId: '1' }), work({ activityId: '2' })]);
  later?.();
  logger.info('outside');

  logger.flush();
  await expect.poll(() => readFile(file, 'utf8')).toContain('outside');
  const lines = (await readFile(file, 'utf8')).trim().split('\n');
  expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([
    { msg: 'during', activityId: '1' },
    { msg: 'during', activityId: '2' },
    expect.not.objectContaining({ activityId: expect.anything() as unknown }) as object,
    expect.not.objectContaining({ activityId: expect.anything() as unknown }) as object,
  ]);
});

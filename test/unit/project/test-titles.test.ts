import { readdir } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { readTestTitles } from '../../support/test-titles.ts';

const TESTS = new URL('../../', import.meta.url);
const MAX_LENGTH = 80;

test('no test title is longer than 80 characters', async () => {
  const files = (await readdir(TESTS, { recursive: true })).filter((file) => file.endsWith('.test.ts'));
  const paths = await Promise.all(files.map((file) => readTestTitles(new URL(file, TESTS))));
  const titles = new Set(paths.flat().flatMap((path) => path.split(' › ')));

  expect(titles).toContain('no test title is longer than 80 characters');
  expect([...titles].filter((title) => title.length > MAX_LENGTH)).toEqual([]);
});

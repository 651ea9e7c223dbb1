import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { renderInputPages } from '../../../scripts/input-reference.ts';

test.for([...(await renderInputPages())])('docs/%s is up to date with the schemas', async ([file, text]) => {
  const page = await readFile(new URL(`../../../docs/${file}`, import.meta.url), 'utf8');

  expect(page, 'npm run docs:input writes it').toBe(text);
});

import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DefaultLogger } from '@temporalio/worker';
import { expect } from 'vitest';
import { compileOnce } from '../../../src/worker/workflow-bundle.ts';
import { test } from '../../support/unit/temp-dir.ts';

const quiet = new DefaultLogger('ERROR');

test('compiles the workflows once, and keeps no bundle of other sources', async ({ dir }) => {
  await writeFile(join(dir, 'workflows-of-yesterday.js'), '');

  const { code } = await compileOnce(quiet, dir);

  const [file = '', ...others] = await readdir(dir);
  expect(code).toContain('ratingPipeline');
  expect(others).toEqual([]);
  // A second compilation would not return this.
  await writeFile(join(dir, file), 'kept');
  expect(await compileOnce(quiet, dir)).toEqual({ code: 'kept' });
});

test('the bundle names the files of a stack, and does not repeat their text', async ({ dir }) => {
  const { code } = await compileOnce(quiet, dir);

  const encoded = code.slice(code.lastIndexOf('base64,') + 'base64,'.length);
  const map = JSON.parse(Buffer.from(encoded, 'base64').toString()) as object;
  expect(map).not.toHaveProperty('sourcesContent');
  expect(map).toMatchObject({
    sources: expect.arrayContaining([expect.stringMatching(/rating-pipeline\.ts$/)]) as unknown,
    mappings: expect.stringMatching(/^.{1000}/) as unknown,
  });
});

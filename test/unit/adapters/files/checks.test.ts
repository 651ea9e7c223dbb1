import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { checkLocalData, checkLocalStore } from '../../../../src/adapters/files/checks.ts';
import { ArtifactStoreError } from '../../../../src/domain/errors.ts';
import { filesBelow, test } from '../../../support/unit/temp-dir.ts';

test('a directory that can be written is a store, and the check leaves nothing in it', async ({ dir }) => {
  await checkLocalStore(join(dir, 'new', 'artifacts'));

  expect(await filesBelow(dir)).toEqual([]);
});

test('a store that cannot be written is named with its setting', async ({ dir }) => {
  await writeFile(join(dir, 'file'), '');
  const store = join(dir, 'file', 'artifacts');

  await expect(checkLocalStore(store)).rejects.toThrow(ArtifactStoreError);
  await expect(checkLocalStore(store)).rejects.toThrow(`cannot write and read the artifact store [${store}]`);
  await expect(checkLocalStore(store)).rejects.toThrow('Correct ARTIFACT_STORE');
});

test('a data directory needs no files, but has to be a directory', async ({ dir }) => {
  await mkdir(join(dir, 'data'));
  await checkLocalData(join(dir, 'data'));
  await writeFile(join(dir, 'file'), '');

  for (const name of ['missing', 'file']) {
    const directory = join(dir, name);
    await expect(checkLocalData(directory)).rejects.toThrow(`cannot read the data directory [${directory}]`);
    await expect(checkLocalData(directory)).rejects.toThrow('correct DATA_DIR');
  }
});

import { randomUUID } from 'node:crypto';
import { mkdir, opendir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ArtifactStoreError } from '../../domain/errors.ts';
import { STORE_CHECK_PREFIX } from '../../domain/names.ts';

/** Writes, reads and removes a small file. @throws ArtifactStoreError */
export async function checkLocalStore(directory: string): Promise<void> {
  const file = join(directory, `${STORE_CHECK_PREFIX}${randomUUID()}`);
  try {
    await mkdir(directory, { recursive: true });
    try {
      await writeFile(file, file);
      await readFile(file);
    } finally {
      await rm(file, { force: true });
    }
  } catch (cause) {
    throw new ArtifactStoreError({
      what: 'cannot write and read the artifact store',
      where: directory,
      expected: 'a directory that this worker may write',
      got: (cause as Error).message,
      hint: 'Correct ARTIFACT_STORE and restart the worker, or correct the permissions of the directory or free its disk',
      cause,
    });
  }
}

/** Lists the first of its files. @throws ArtifactStoreError */
export async function checkLocalData(directory: string): Promise<void> {
  try {
    const files = await opendir(directory);
    try {
      await files.read();
    } finally {
      await files.close();
    }
  } catch (cause) {
    throw new ArtifactStoreError({
      what: 'cannot read the data directory',
      where: directory,
      expected: 'a directory that this worker may read',
      got: (cause as Error).message,
      hint: 'Create it or correct its permissions, or correct DATA_DIR and restart the worker',
      cause,
    });
  }
}

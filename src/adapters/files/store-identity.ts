import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { STORE_ID_FILE } from '../../domain/names.ts';
import type { StoreIdentity } from '../../activities/store-identity.ts';
import { ArtifactStoreError } from '../../domain/errors.ts';

export function createLocalStoreIdentity(directory: string): StoreIdentity {
  const file = join(directory, STORE_ID_FILE);
  return {
    place: directory,
    async id() {
      try {
        return await readFile(file, 'utf8').catch(() => create(directory, file));
      } catch (cause) {
        throw new ArtifactStoreError({
          what: 'cannot read or write the identity of the artifact store',
          where: file,
          got: (cause as Error).message,
          hint: 'Check the permissions of ARTIFACT_STORE; the step is retried',
          cause,
        });
      }
    },
  };
}

/** The link makes the file appear whole, and fails when another worker was first. */
async function create(directory: string, file: string): Promise<string> {
  await mkdir(directory, { recursive: true });
  const draft = `${file}.${randomUUID()}`;
  await writeFile(draft, randomUUID());
  try {
    await link(draft, file).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    });
  } finally {
    await rm(draft, { force: true });
  }
  return readFile(file, 'utf8');
}

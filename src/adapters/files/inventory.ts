import { readdir, rm, stat } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import type { ArtifactInventory } from '../../activities/artifact-store.ts';
import { ArtifactStoreError } from '../../domain/errors.ts';
import { RUNS_FOLDER } from '../artifacts/names.ts';
import { resolveInside } from './inside.ts';

/** Links are not followed: what they lead to is listed at its own place, or not ours. */
export function createLocalInventory(directory: string): ArtifactInventory {
  return {
    async *list() {
      const folders = [join(directory, RUNS_FOLDER)];
      for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
        for (const entry of await entriesOf(folder)) {
          const path = join(folder, entry.name);
          if (entry.isDirectory()) folders.push(path);
          if (!entry.isFile()) continue;
          // A temporary file may be gone by now.
          const facts = await stat(path).catch(() => undefined);
          const uri = relative(directory, path).split(sep).join('/');
          if (facts) yield { uri, bytes: facts.size, writtenAt: facts.mtime };
        }
      }
    },

    async remove(uris) {
      for (const uri of uris) {
        try {
          const folder = await resolveInside(directory, dirname(uri));
          await rm(join(folder, uri.slice(dirname(uri).length + 1)), { force: true });
        } catch (cause) {
          if ((cause as NodeJS.ErrnoException).code === 'ENOENT') continue;
          throw new ArtifactStoreError({
            what: 'cannot remove an artifact',
            where: uri,
            got: (cause as Error).message,
            hint: 'Check the permissions of ARTIFACT_STORE',
            cause,
          });
        }
      }
    },
  };
}

/** None when the folder does not exist (any more). */
async function entriesOf(folder: string) {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

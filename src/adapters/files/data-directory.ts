import type { DataDirectory } from '../../activities/dataset/data-directory.ts';
import { DatasetError, InvalidInput } from '../../domain/errors.ts';
import { LeadsOut, NotAFile, withFileInside } from './inside.ts';

/** Opens files below one directory only: no `..`, no absolute path elsewhere, no link out of it. */
export function createLocalDataDirectory(directory: string): DataDirectory {
  return {
    async withFile(path, use) {
      try {
        return await withFileInside(directory, path, (file) => use({ name: path, descriptor: file.fd }));
      } catch (error) {
        throw explain(error, path);
      }
    },
  };
}

/** Only a correct name helps. Other errors (a missing disk, a permission) can be fixed while the step is retried. */
const NO_SUCH_FILE = ['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'ELOOP', 'ERR_INVALID_ARG_VALUE'];

function explain(error: unknown, path: string): unknown {
  if (error instanceof LeadsOut) return leadsOut(path);
  if (error instanceof NotAFile) {
    return new DatasetError({
      what: 'not a file',
      where: path,
      expected: 'a CSV file',
      got: 'a directory, device or pipe',
    });
  }
  if (!NO_SUCH_FILE.includes((error as NodeJS.ErrnoException).code ?? '')) return error;
  return noSuchFile(path, error);
}

export function leadsOut(path: string): InvalidInput {
  return new InvalidInput({
    what: 'dataset.path leads out of the data directory',
    expected: 'a path inside the worker’s DATA_DIR',
    got: JSON.stringify(path),
    hint: 'Put the file itself there, not a link, or start the worker with another DATA_DIR',
  });
}

export function noSuchFile(path: string, cause?: unknown): DatasetError {
  return new DatasetError({
    what: 'no such file',
    where: path,
    expected: 'a CSV file in the worker’s DATA_DIR',
    hint: 'Check dataset.path, and DATA_DIR of the worker',
    cause,
  });
}

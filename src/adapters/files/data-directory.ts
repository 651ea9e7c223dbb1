import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import type { DataDirectory } from '../../activities/dataset/data-directory.ts';
import { DatasetError, InvalidInput } from '../../domain/errors.ts';
import { linesOf } from '../../domain/dataset/file-lines.ts';
import { LeadsOut, NotAFile, withFileInside } from './inside.ts';

/** Opens files below one directory only: no `..`, no absolute path elsewhere, no link out of it. */
export function createLocalDataDirectory(directory: string): DataDirectory {
  return {
    async open(path) {
      try {
        return await withFileInside(directory, path, async (file, absolutePath) => {
          const bytes = await file.readFile();
          requireText(bytes, path);
          const sha256 = createHash('sha256').update(bytes).digest('hex');
          return { absolutePath, name: path, bytes: bytes.length, sha256 };
        });
      } catch (error) {
        throw explain(error, path);
      }
    },
  };
}

/** Only a correct name helps. Other errors (a missing disk, a permission) can be fixed while the step is retried. */
const NO_SUCH_FILE = ['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'ELOOP', 'ERR_INVALID_ARG_VALUE'];

function explain(error: unknown, path: string): unknown {
  if (error instanceof LeadsOut) {
    return new InvalidInput({
      what: 'dataset.path leads out of the data directory',
      expected: 'a path inside the worker’s DATA_DIR',
      got: JSON.stringify(path),
      hint: 'Put the file itself there, not a link, or start the worker with another DATA_DIR',
    });
  }
  if (error instanceof NotAFile) {
    return new DatasetError({
      what: 'not a file',
      where: path,
      expected: 'a CSV file',
      got: 'a directory, device or pipe',
    });
  }
  if (!NO_SUCH_FILE.includes((error as NodeJS.ErrnoException).code ?? '')) return error;
  return new DatasetError({
    what: 'no such file',
    where: path,
    expected: 'a CSV file in the worker’s DATA_DIR',
    hint: 'Check dataset.path, and DATA_DIR of the worker',
    cause: error,
  });
}

const LINE_FEED = 0x0a;

function requireText(bytes: Buffer, path: string): void {
  if (isText(bytes)) return;
  const { first, last } = firstUnreadableLines(bytes);
  throw new DatasetError({
    what: 'not a CSV',
    where: linesOf(path, first, last),
    expected: 'UTF-8 text',
    got: bytes.includes(0) ? 'binary data' : 'another encoding',
    hint: 'Export the table as CSV in UTF-8',
  });
}

function isText(bytes: Buffer): boolean {
  return !bytes.includes(0) && isUtf8(bytes);
}

/** No multi-byte character of UTF-8 contains a line feed, so each line can be checked alone. */
function firstUnreadableLines(bytes: Buffer): { readonly first: number; readonly last: number } {
  let first = 0;
  for (let line = 1, start = 0; start <= bytes.length; line += 1) {
    const feed = bytes.indexOf(LINE_FEED, start);
    const end = feed === -1 ? bytes.length : feed;
    const isReadable = isText(bytes.subarray(start, end));
    if (first === 0 && !isReadable) first = line;
    else if (first > 0 && isReadable) return { first, last: line - 1 };
    if (feed === -1) return { first, last: line };
    start = end + 1;
  }
  return { first, last: first };
}

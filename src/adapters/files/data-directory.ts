import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { readFile, realpath, stat } from 'node:fs/promises';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import type { DataDirectory } from '../../activities/dataset/data-directory.ts';
import { DatasetError, InvalidInput } from '../../domain/errors.ts';
import { linesOf } from '../../domain/dataset/file-lines.ts';

/** Opens files below one directory only: no `..`, no absolute path elsewhere, no symbolic link out of it. */
export function createLocalDataDirectory(directory: string): DataDirectory {
  return {
    async open(path) {
      const wanted = resolve(directory, path);
      requireInside(directory, wanted, path);
      const absolutePath = await resolveLinks(wanted, path);
      requireInside(await realpath(directory), absolutePath, path);
      if (!(await stat(absolutePath)).isFile()) {
        throw new DatasetError({
          what: 'not a file',
          where: path,
          expected: 'a CSV file',
          got: 'a directory',
        });
      }
      const bytes = await readFile(absolutePath);
      requireText(bytes, path);
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      return { absolutePath, name: path, bytes: bytes.length, sha256 };
    },
  };
}

function requireInside(directory: string, candidate: string, path: string): void {
  const fromDirectory = relative(resolve(directory), candidate);
  const isOutside =
    fromDirectory === '..' || fromDirectory.startsWith(`..${sep}`) || isAbsolute(fromDirectory);
  if (!isOutside) return;
  throw new InvalidInput({
    what: 'dataset.path leads out of the data directory',
    expected: 'a path inside the worker’s DATA_DIR',
    got: JSON.stringify(path),
    hint: 'Put the file there, or start the worker with another DATA_DIR',
  });
}

/** Only a correct name helps. Other errors (a missing disk, a permission) can be fixed while the step is retried. */
const NO_SUCH_FILE = ['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'ELOOP', 'ERR_INVALID_ARG_VALUE'];

async function resolveLinks(wanted: string, path: string): Promise<string> {
  try {
    return await realpath(wanted);
  } catch (cause) {
    if (!NO_SUCH_FILE.includes((cause as NodeJS.ErrnoException).code ?? '')) throw cause;
    throw new DatasetError({
      what: 'no such file',
      where: path,
      expected: 'a CSV file in the worker’s DATA_DIR',
      hint: 'Check dataset.path, and DATA_DIR of the worker',
      cause,
    });
  }
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

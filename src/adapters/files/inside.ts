import { constants } from 'node:fs';
import { lstat, open, readlink, realpath, type FileHandle } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';

/** The path, or a link on it, leads out of the directory. Nothing outside was looked at. */
export class LeadsOut extends Error {
  override readonly name = 'LeadsOut';
  override readonly message = 'a path or link that leads out of the directory';
}

/** A directory, device, pipe or socket. */
export class NotAFile extends Error {
  override readonly name = 'NotAFile';
  override readonly message = 'a directory, device or pipe';
}

/** As Linux. */
const MAX_LINKS = 40;

/**
 * The real path of what a path names inside a directory. The directory itself may be a link. Links below it are
 * followed one at a time and only inside: a link that leads out gives the same error whether its target exists or not.
 *
 * @throws LeadsOut; the system's error when there is nothing of that name
 */
export async function resolveInside(directory: string, path: string): Promise<string> {
  const named = resolve(directory);
  const ahead = segmentsBelow([named], resolve(named, path));
  const root = await realpath(named);
  let current = root;
  let links = 0;
  for (let name = ahead.shift(); name !== undefined; name = ahead.shift()) {
    if (name === '..' && current === root) throw new LeadsOut();
    const next = join(current, name);
    if (!(await lstat(next)).isSymbolicLink()) {
      current = next;
      continue;
    }
    links += 1;
    if (links > MAX_LINKS) throw Object.assign(new Error('too many links'), { code: 'ELOOP' });
    const target = await readlink(next);
    if (isAbsolute(target)) current = root;
    ahead.unshift(...(isAbsolute(target) ? segmentsBelow([named, root], target) : segmentsOf(target)));
  }
  return current;
}

/**
 * Opens a file inside a directory for reading. The caller closes it.
 *
 * The path is resolved before it is opened, no link is followed while it is opened, and its folder is compared
 * afterwards. To get something else opened, one would have to exchange a folder twice in between; who can do that can
 * write here anyway.
 *
 * @throws LeadsOut, NotAFile, the system's errors
 */
export async function openFileInside(
  directory: string,
  path: string,
): Promise<{ readonly file: FileHandle; readonly absolutePath: string }> {
  const absolutePath = await resolveInside(directory, path);
  if (!(await lstat(absolutePath)).isFile()) throw new NotAFile();
  // A pipe that has just taken the place of the file must not block: hence O_NONBLOCK.
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
  const file = await open(absolutePath, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    if (!(await file.stat()).isFile()) throw new NotAFile();
    const folder = dirname(absolutePath);
    if ((await realpath(folder)) !== folder) throw new LeadsOut();
    return { file, absolutePath };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** As {@link openFileInside}, and closes the file. Throws what `use` throws, too. */
export async function withFileInside<T>(
  directory: string,
  path: string,
  use: (file: FileHandle, absolutePath: string) => Promise<T>,
): Promise<T> {
  const { file, absolutePath } = await openFileInside(directory, path);
  try {
    return await use(file, absolutePath);
  } finally {
    await file.close();
  }
}

/** @param roots spellings of one directory */
function segmentsBelow(roots: readonly string[], target: string): string[] {
  for (const root of roots) {
    const path = relative(root, target);
    if (path !== '..' && !path.startsWith(`..${sep}`) && !isAbsolute(path)) return segmentsOf(path);
  }
  throw new LeadsOut();
}

function segmentsOf(path: string): string[] {
  return path.split(sep).filter((name) => name !== '' && name !== '.');
}

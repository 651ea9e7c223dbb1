import { readFileSync } from 'node:fs';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { createLocalDataDirectory } from '../../../../src/adapters/files/data-directory.ts';
import { DatasetError, InvalidInput } from '../../../../src/domain/errors.ts';
import { test as base } from '../../../support/unit/temp-dir.ts';

const SECRET = 'password\n';

/** `data` is the data directory; beside it, out of bounds, are `secret.csv` and `data-2/secret.csv`. */
const test = base.extend('data', async ({ dir }) => {
  const data = join(dir, 'data');
  await mkdir(join(data, 'films'), { recursive: true });
  await mkdir(join(dir, 'data-2'));
  await writeFile(join(data, 'films', 'all.csv'), 'a,b\n1,2\n');
  await writeFile(join(dir, 'secret.csv'), SECRET);
  await writeFile(join(dir, 'data-2', 'secret.csv'), SECRET);
  return data;
});

const FILMS = 'a,b\n1,2\n';

/** The text of the file that is handed to its user. */
function textIn(directory: string, path: string): Promise<string> {
  return createLocalDataDirectory(directory).withFile(path, async ({ descriptor }) =>
    readFileSync(descriptor, 'utf8'),
  );
}

test('a file inside is found by its path, and named as the input names it', async ({ data }) => {
  const { name } = await createLocalDataDirectory(data).withFile('films/all.csv', async (file) => file);

  expect(name).toBe('films/all.csv');
  expect(await textIn(data, 'films/all.csv')).toBe(FILMS);
});

test('a file is closed when its user is done, also after a failure', async ({ data }) => {
  let open = -1;
  const failure = createLocalDataDirectory(data).withFile('films/all.csv', async ({ descriptor }) => {
    open = descriptor;
    throw new Error('broken');
  });

  await expect(failure).rejects.toThrow('broken');
  expect(() => readFileSync(open)).toThrow('EBADF');
});

test.for(['films/../films/all.csv', './films/all.csv', 'films//all.csv'])(
  'a path with . or .. that stays inside is accepted: %s',
  async (path, { data }) => {
    expect(await textIn(data, path)).toBe(FILMS);
  },
);

test('an absolute path into the directory is accepted', async ({ data }) => {
  expect(await textIn(data, join(data, 'films', 'all.csv'))).toBe(FILMS);
});

test('a symlink inside, and a data directory that is a symlink, are accepted', async ({ dir, data }) => {
  await symlink(join(data, 'films', 'all.csv'), join(data, 'newest.csv'));
  await symlink(data, join(dir, 'linked'));

  expect(await textIn(join(dir, 'linked'), 'newest.csv')).toBe(FILMS);
});

test.for(['../secret.csv', 'films/../../secret.csv', '../data-2/secret.csv', '..', '/etc/passwd', '/'])(
  'a path that leads out is an InvalidInput: %s',
  async (path, { data }) => {
    const failure = textIn(data, path);

    await expect(failure).rejects.toThrow(InvalidInput);
    await expect(failure).rejects.toThrow(`got ${JSON.stringify(path)}`);
  },
);

test('a directory beside it whose name starts the same is outside', async ({ dir, data }) => {
  await expect(textIn(data, join(dir, 'data-2', 'secret.csv'))).rejects.toThrow(InvalidInput);
});

test('a symlink that leads out is refused, as a file and as a directory', async ({ dir, data }) => {
  await symlink(join(dir, 'secret.csv'), join(data, 'innocent.csv'));
  await symlink(dir, join(data, 'up'));

  await expect(textIn(data, 'innocent.csv')).rejects.toThrow(InvalidInput);
  await expect(textIn(data, 'up/secret.csv')).rejects.toThrow(InvalidInput);
});

test.for([
  'nope.csv',
  'nope/all.csv',
  'films/all.csv/x',
  'dangling.csv',
  'circle.csv',
  'nul\0.csv',
  `${'long'.repeat(100)}.csv`,
])('no such file is a DatasetError, which is not retried: %j', async (path, { data }) => {
  await symlink(join(data, 'gone.csv'), join(data, 'dangling.csv'));
  await symlink(join(data, 'circle.csv'), join(data, 'circle.csv'));
  const failure = textIn(data, path);

  await expect(failure).rejects.toThrow(DatasetError);
  await expect(failure).rejects.toThrow(
    `no such file [${path}]: expected a CSV file in the worker’s DATA_DIR`,
  );
});

test('a data directory that does not exist holds no file', async ({ dir }) => {
  await expect(textIn(join(dir, 'none'), 'all.csv')).rejects.toThrow(DatasetError);
});

test.for(['.', 'films', 'films/'])('a directory is a DatasetError: %s', async (path, { data }) => {
  const failure = textIn(data, path);

  await expect(failure).rejects.toThrow(DatasetError);
  await expect(failure).rejects.toThrow(`not a file [${path}]: expected a CSV file, got a directory`);
});

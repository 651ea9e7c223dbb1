import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished } from 'vitest';
import { createLocalArtifactStore } from '../../../../src/adapters/files/artifact-store.ts';
import { createLocalDataDirectory } from '../../../../src/adapters/files/data-directory.ts';
import { createLocalReportFiles } from '../../../../src/adapters/files/report-files.ts';
import { ArtifactCorrupt, ArtifactStoreError, InvalidInput } from '../../../../src/domain/errors.ts';
import { test as base } from '../../../support/unit/temp-dir.ts';

const SECRET = 'hunter2';
const SHA256 = createHash('sha256').update(SECRET).digest('hex');
const PAGE = 'report-page-0123456789ab.html';

/** `root` is the store. Beside it, outside, are `secret`, `runs/page.html` and the folder `empty`. */
const test = base.extend('root', async ({ dir }) => {
  const root = join(dir, 'root');
  await mkdir(join(root, 'runs', 'a'), { recursive: true });
  await mkdir(join(dir, 'runs'));
  await mkdir(join(dir, 'empty'));
  await writeFile(join(dir, 'secret'), SECRET);
  await writeFile(join(dir, 'runs', PAGE), SECRET);
  return root;
});

const refTo = (uri: string) => ({ uri, sha256: SHA256, bytes: SECRET.length, rows: 1 });

/** As seen from the root. Some exist and some do not. */
const OUTSIDE = [
  '../secret',
  '../nothing',
  '../empty',
  '../secret/x',
  '/etc/passwd',
  '/etc/nothing',
  '/dev/zero',
];

test.for([
  ...OUTSIDE,
  '..',
  '.',
  '',
  '/',
  'runs/../../secret',
  'runs/a/../../../secret',
  './runs/x',
  'runs//x',
  'runs/',
  '..\\secret',
  'runs\\..\\..\\secret',
  'C:\\secret',
  'file:///etc/passwd',
  'runs/a\0.json',
  '../secret\0.json',
  `runs/${'x'.repeat(256)}`,
  'x/'.repeat(5_000) + 'x',
])('an artifact uri that cannot be ours is an InvalidInput, whatever is there: %j', async (uri, { root }) => {
  const failure = await failureOf(createLocalArtifactStore(root).read(refTo(uri)));

  expect(failure).toBeInstanceOf(InvalidInput);
  expect(failure.message.replace(`[${uri.slice(0, 200)}]`, '[URI]')).toBe(
    'artifact.uri names no artifact [URI]: expected a file inside ARTIFACT_STORE, not a folder, device or link ' +
      'to the outside. Copy the reference from the result of a finished run',
  );
  expect(failure.cause).toBeUndefined();
});

test.for(['%2e%2e/secret', '..%2fsecret', '%2Fetc%2Fpasswd', '．．/secret'])(
  'an encoded path is a name, not a way out: %s',
  async (uri, { root }) => {
    await expect(createLocalArtifactStore(root).read(refTo(uri))).rejects.toThrow(ArtifactStoreError);
  },
);

test.for(OUTSIDE)(
  'a link to the outside is refused as an artifact, at any level: %s',
  async (to, { root }) => {
    const store = createLocalArtifactStore(root);
    await symlink(to.replace('../', '../../../'), join(root, 'runs', 'a', 'file.json'));
    await symlink(to, join(root, 'folder'));
    await symlink('folder', join(root, 'twice'));
    await symlink('file.json', join(root, 'runs', 'a', 'again.json'));

    for (const uri of ['runs/a/file.json', 'runs/a/again.json', 'folder', 'folder/x', 'twice', 'twice/x/y']) {
      const failure = await failureOf(store.read(refTo(uri)));
      expect(failure).toBeInstanceOf(InvalidInput);
      expect(failure.message).toContain(`artifact.uri names no artifact [${uri}]`);
      expect(failure.cause).toBeUndefined();
    }
  },
);

test('the store, its folders and files may be links, as long as they stay inside', async ({ dir, root }) => {
  await writeFile(join(root, 'runs', 'a', 'file.json'), SECRET);
  await symlink('root', join(dir, 'linked'));
  await symlink('runs/a', join(root, 'folder'));
  await symlink('../folder/../a/file.json', join(root, 'runs', 'relative.json'));
  await symlink(join(root, 'folder', 'file.json'), join(root, 'runs', 'absolute.json'));
  await symlink(join(dir, 'linked', 'runs', 'a'), join(root, 'through'));
  const store = createLocalArtifactStore(join(dir, 'linked'));

  const inside = ['folder/file.json', 'runs/relative.json', 'runs/absolute.json', 'through/file.json'];
  for (const uri of inside) expect(String(await store.read(refTo(uri)))).toBe(SECRET);
});

test('a pipe, a socket or a folder is refused at once, and not waited for', async ({ root }) => {
  const store = createLocalArtifactStore(root);
  const data = createLocalDataDirectory(root);
  await promisify(execFile)('mkfifo', [join(root, 'pipe')]);
  const server = createServer().listen(join(root, 'socket'));
  onTestFinished(() => void server.close());
  await once(server, 'listening');

  for (const uri of ['pipe', 'socket', 'runs', 'runs/a']) {
    await expect(store.read(refTo(uri))).rejects.toThrow(InvalidInput);
    await expect(data.withFile(uri, async () => null)).rejects.toThrow(`not a file [${uri}]`);
  }
});

test('no more is read than the reference says, and no other hash is told', async ({ root }) => {
  const store = createLocalArtifactStore(root);
  await writeFile(join(root, 'runs', 'a', 'file.json'), SECRET);
  const ref = refTo('runs/a/file.json');
  const larger = await failureOf(store.read({ ...ref, bytes: 3 }));
  const other = await failureOf(store.read({ ...ref, sha256: '0'.repeat(64) }));

  expect([larger, other].map((failure) => failure.constructor)).toEqual([ArtifactCorrupt, ArtifactCorrupt]);
  expect(larger.message).toContain('got more than 3 bytes');
  expect(other.message).toContain('got other bytes');
  expect(other.message).not.toContain(SHA256);
});

test('nothing is written or removed through a link that leads out', async ({ dir, root }) => {
  const store = createLocalArtifactStore(root);
  const run = 'nightly/1';
  const { uri } = await store.write({
    run: 'x',
    name: 'batch-0-rows',
    extension: '.json',
    bytes: new Uint8Array(),
    rows: 0,
  });
  await writeFile(join(dir, 'empty', uri.split('/').at(-1) ?? ''), 'not ours');
  await symlink(join(dir, 'empty'), join(root, 'runs', 'nightly'));
  await symlink(join(dir, 'empty'), join(root, 'runs', 'stream'));
  const before = await readdir(join(dir, 'empty'));

  const write = store.write({ run, name: 'train', extension: '.json', bytes: new Uint8Array(), rows: 0 });
  await expect(write).rejects.toThrow(ArtifactStoreError);
  await expect(store.discardBatches('stream', 5)).rejects.toThrow('a path or link that leads out');
  expect(await readdir(join(dir, 'empty'))).toEqual(before);
});

test('a link to the outside is the same error for dataset.path, whatever is there', async ({ root }) => {
  const data = createLocalDataDirectory(root);
  for (const [i, to] of OUTSIDE.entries()) {
    await symlink(to, join(root, `${i}.csv`));
    const failure = await failureOf(data.withFile(`${i}.csv`, async () => null));

    expect(failure).toBeInstanceOf(InvalidInput);
    expect(failure.message.replace(`${i}.csv`, 'PATH')).toBe(
      'dataset.path leads out of the data directory: expected a path inside the worker’s DATA_DIR, got "PATH". ' +
        'Put the file itself there, not a link, or start the worker with another DATA_DIR',
    );
  }
});

test('links in a circle end as a missing file', async ({ root }) => {
  await symlink('b', join(root, 'a'));
  await symlink('a', join(root, 'b'));

  await expect(createLocalDataDirectory(root).withFile('a/x.csv', async () => null)).rejects.toThrow(
    'no such file [a/x.csv]',
  );
  await expect(createLocalArtifactStore(root).read(refTo('a'))).rejects.toThrow(ArtifactStoreError);
});

test('no page is served through a link that leads out', async ({ dir, root }) => {
  const files = createLocalReportFiles(root);
  await symlink(join(dir, 'runs'), join(root, 'runs', 'folder'));
  await symlink(join(dir, 'runs', PAGE), join(root, 'runs', 'a', PAGE));

  expect(await files.read(['runs', 'folder', PAGE])).toBeUndefined();
  expect(await files.read(['runs', 'a', PAGE])).toBeUndefined();
  expect(await files.newest(10)).toEqual([]);
});

async function failureOf(work: Promise<unknown>): Promise<Error> {
  return work.then(
    () => new Error('nothing failed'),
    (error: unknown) => error as Error,
  );
}

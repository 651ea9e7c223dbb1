import { mkdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { createLocalArtifactStore } from '../../../../src/adapters/files/artifact-store.ts';
import { ArtifactCorrupt, ArtifactStoreError } from '../../../../src/domain/errors.ts';
import { collect, streamOf } from '../../../support/store/chunks.ts';
import { filesBelow, openFilesBelow, test } from '../../../support/unit/temp-dir.ts';

/** More than two chunks of the store. */
const BYTES = Buffer.alloc(2_500_000, 'some bytes that repeat');

test('what was just written is read from memory, until somebody touches the file', async ({ dir }) => {
  const bytes = Buffer.from('a table');
  const [store, other] = [createLocalArtifactStore(dir), createLocalArtifactStore(dir)];
  const ref = { ...(await store.writeStream(streamOf([bytes]))), rows: 0 };
  const wrongHash = { ...ref, sha256: '0'.repeat(64) };
  const handedOut = await collect(store.readStream(ref));
  handedOut.fill(0);

  expect(bytes.equals(await collect(store.readStream(ref)))).toBe(true);
  expect(bytes.equals(await collect(other.readStream(ref)))).toBe(true);
  await expect(collect(store.readStream(wrongHash))).rejects.toThrow(ArtifactCorrupt);
  const { atime, mtime } = await stat(join(dir, ref.uri));
  await writeFile(join(dir, ref.uri), 'A table');
  await utimes(join(dir, ref.uri), atime, mtime);
  await expect(collect(store.readStream(ref))).rejects.toThrow(ArtifactCorrupt);
  await writeFile(join(dir, ref.uri), bytes);
  expect(bytes.equals(await collect(store.readStream(ref)))).toBe(true);
  await rm(join(dir, ref.uri));
  await expect(collect(store.readStream(ref))).rejects.toThrow(ArtifactStoreError);
});

test('no byte is handed out before the last one was verified', async ({ dir }) => {
  const store = createLocalArtifactStore(dir);
  const ref = { ...(await store.writeStream(streamOf([BYTES]))), rows: 0 };
  await writeFile(join(dir, ref.uri), BYTES.with(BYTES.length - 1, 0));
  const chunks = store.readStream(ref)[Symbol.asyncIterator]();

  await expect(chunks.next()).rejects.toThrow(ArtifactCorrupt);
});

test('a source that fails or is aborted leaves no file, and its own error', async ({ dir }) => {
  const store = createLocalArtifactStore(dir);
  const controller = new AbortController();
  async function* chunks() {
    yield BYTES;
    expect((await filesBelow(dir)).map((file) => file.slice(-4))).toEqual(['.tmp']);
    controller.abort(new Error('cancelled'));
    controller.signal.throwIfAborted();
  }

  await expect(store.writeStream(streamOf(chunks()))).rejects.toThrow(new Error('cancelled'));
  expect(await filesBelow(dir)).toEqual([]);
});

test('a write that fails ends its source and is an ArtifactStoreError', async ({ dir }) => {
  const store = createLocalArtifactStore(dir);
  const { uri } = await store.writeStream(streamOf([BYTES]));
  await rm(join(dir, uri));
  await mkdir(join(dir, uri, 'in the way'), { recursive: true });

  await expect(store.writeStream(streamOf([BYTES]))).rejects.toThrow(ArtifactStoreError);
  expect(await filesBelow(dir)).toEqual([]);
});

test.skipIf(process.platform !== 'linux')('a reader that stops early closes the file', async ({ dir }) => {
  const store = createLocalArtifactStore(dir);
  const ref = { ...(await store.writeStream(streamOf([BYTES]))), rows: 0 };
  for await (const _ of store.readStream(ref)) {
    expect(await openFilesBelow(dir)).toEqual([join(dir, ref.uri)]);
    break;
  }

  expect(await openFilesBelow(dir)).toEqual([]);
});

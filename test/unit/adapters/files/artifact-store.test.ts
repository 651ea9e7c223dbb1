import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { expect } from 'vitest';
import { createLocalArtifactStore } from '../../../../src/adapters/files/artifact-store.ts';
import { ArtifactStoreError } from '../../../../src/domain/errors.ts';
import { pollUntil } from '../../../support/poll-until.ts';
import { testArtifactStore } from '../../../support/store/contract.ts';
import { inDirectory } from '../../../support/store/stored-files.ts';
import { filesBelow, test } from '../../../support/unit/temp-dir.ts';

const BYTES = new TextEncoder().encode('{"rows":[1,2,3]}');

testArtifactStore(async (onCleanup) => {
  const dir = await mkdtemp(join(tmpdir(), 'imdb-store-'));
  onCleanup(() => rm(dir, { recursive: true }));
  return {
    store: createLocalArtifactStore(dir),
    another: () => createLocalArtifactStore(dir),
    files: inDirectory(dir),
  };
});

function artifactOf(run: string, bytes: Uint8Array = BYTES) {
  return { run, name: 'train', extension: '.json', bytes, rows: 3 } as const;
}

test('a file is visible whole or not at all', async ({ dir }) => {
  const bytes = new Uint8Array(32_000_000).fill(7);
  const store = createLocalArtifactStore(dir);
  const sizes = new Set<number>();
  // A write that ends before its file was seen proves nothing: it is repeated.
  const { uri } = await pollUntil('a file to be seen while it is written', async () => {
    await rm(join(dir, 'runs'), { recursive: true, force: true });
    const written = store.write(artifactOf('run', bytes));
    const state = { done: false };
    void written.finally(() => {
      state.done = true;
    });
    let seen = 0;
    while (!state.done) {
      for (const file of await readdir(join(dir, 'runs', 'run')).catch(() => [])) {
        seen += 1;
        if (!file.endsWith('.tmp')) sizes.add((await stat(join(dir, 'runs', 'run', file))).size);
      }
    }
    const ref = await written;
    return seen > 0 && ref;
  });

  expect(await filesBelow(dir)).toEqual([uri]);
  expect([...sizes].filter((size) => size !== bytes.length)).toEqual([]);
});

test('a write that fails is an ArtifactStoreError and leaves nothing behind', async ({ dir }) => {
  const store = createLocalArtifactStore(dir);
  const { uri } = await store.write(artifactOf('run'));
  await rm(join(dir, uri));
  await mkdir(join(dir, uri, 'in the way'), { recursive: true });

  const failure = store.write(artifactOf('run'));

  await expect(failure).rejects.toThrow(ArtifactStoreError);
  await expect(failure).rejects.toThrow(`cannot write an artifact [${uri}]`);
  expect(await filesBelow(dir)).toEqual([]);
});

test('a directory that cannot be created is an ArtifactStoreError', async ({ dir }) => {
  await writeFile(join(dir, 'file'), '');

  await expect(
    createLocalArtifactStore(join(dir, 'file', 'artifacts')).write(artifactOf('run')),
  ).rejects.toThrow(ArtifactStoreError);
});

test('runs with different names have different directories, whatever the names', async ({ dir }) => {
  const store = createLocalArtifactStore(dir);
  const part = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 4 }),
    fc.constantFrom('.', '..', '%', '', '%25', '%2E'),
  );
  const run = fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'));
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(run, { minLength: 2, maxLength: 4 }), async (runs) => {
      const refs = await Promise.all(runs.map((name) => store.write(artifactOf(name))));
      const directories = refs.map(({ uri }) => dirname(join(dir, uri)));

      expect(new Set(directories).size).toBe(runs.length);
      expect(directories.every((directory) => directory.startsWith(join(dir, 'runs')))).toBe(true);
    }),
    { numRuns: 40 },
  );
});

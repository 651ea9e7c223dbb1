import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { expect } from 'vitest';
import { createLocalArtifactStore } from '../../../../src/adapters/files/artifact-store.ts';
import { ArtifactCorrupt, ArtifactStoreError } from '../../../../src/domain/errors.ts';
import { pollUntil } from '../../../support/poll-until.ts';
import { filesBelow, test } from '../../../support/unit/temp-dir.ts';

const BYTES = new TextEncoder().encode('{"rows":[1,2,3]}');

function artifactOf(run: string, bytes: Uint8Array = BYTES) {
  return { run, name: 'train', extension: '.json', bytes, rows: 3 } as const;
}

test('what is written is read back by its reference, which has its size and rows', async ({ dir }) => {
  const store = createLocalArtifactStore(dir);
  const ref = await store.write(artifactOf('nightly/1'));

  expect(ref).toMatchObject({ bytes: BYTES.length, rows: 3 });
  expect(ref.uri).toBe(`runs/nightly/1/train-${ref.sha256.slice(0, 12)}.json`);
  expect(new Uint8Array(await store.read(ref))).toEqual(BYTES);
});

test('the same bytes twice, also at the same time, are one file and one reference', async ({ dir }) => {
  const store = createLocalArtifactStore(dir);
  const first = await store.write(artifactOf('run'));

  const others = await Promise.all(Array.from({ length: 8 }, () => store.write(artifactOf('run'))));

  expect(others).toEqual(others.map(() => first));
  expect(await filesBelow(dir)).toEqual([first.uri]);
});

test('other bytes under the same name are another file', async ({ dir }) => {
  const store = createLocalArtifactStore(dir);
  const [one, other] = [
    await store.write(artifactOf('run')),
    await store.write(artifactOf('run', new Uint8Array([7]))),
  ];

  expect(other.uri).not.toBe(one.uri);
  expect(new Uint8Array(await store.read(one))).toEqual(BYTES);
});

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

test('one flipped bit anywhere is an ArtifactCorrupt that names the file', async ({ dir }) => {
  const store = createLocalArtifactStore(dir);
  const ref = await store.write(artifactOf('run'));
  for (const position of BYTES.keys()) {
    await writeFile(join(dir, ref.uri), BYTES.with(position, (BYTES[position] ?? 0) ^ 1));

    await expect(store.read(ref)).rejects.toThrow(ArtifactCorrupt);
  }
  await expect(store.read(ref)).rejects.toThrow(
    `an artifact has changed [${ref.uri}]: expected sha256 ${ref.sha256}`,
  );
});

test.for([0, BYTES.length - 1])('a file cut to %d bytes is an ArtifactCorrupt', async (length, { dir }) => {
  const store = createLocalArtifactStore(dir);
  const ref = await store.write(artifactOf('run'));
  await writeFile(join(dir, ref.uri), BYTES.subarray(0, length));

  await expect(store.read(ref)).rejects.toThrow(ArtifactCorrupt);
});

test('a corrupt file is repaired by the step that writes it again', async ({ dir }) => {
  const store = createLocalArtifactStore(dir);
  const ref = await store.write(artifactOf('run'));
  await writeFile(join(dir, ref.uri), 'garbage');
  await store.write(artifactOf('run'));

  expect(new Uint8Array(await store.read(ref))).toEqual(BYTES);
});

test('a missing file is an ArtifactStoreError, which is retried', async ({ dir }) => {
  const store = createLocalArtifactStore(dir);
  const ref = await store.write(artifactOf('run'));
  await rm(join(dir, ref.uri));
  const failure = store.read(ref);

  await expect(failure).rejects.toThrow(ArtifactStoreError);
  await expect(failure).rejects.toThrow(`cannot read an artifact [${ref.uri}]`);
});

const ODD_RUNS = [
  '',
  '.',
  '..',
  '../..',
  '/',
  '//',
  '/etc',
  'a/b',
  'a//b',
  'a%2Fb',
  'a/../b',
  '%',
  '%2E',
  '~',
  'ä b',
  'a\\b',
  'a\nb',
  'a:b',
  'a?b',
  'a*b',
  '火',
  '💥',
  'x'.repeat(1_000),
  `${'x'.repeat(999)}y`,
  'ä'.repeat(500),
  '/'.repeat(100),
];

test('no workflow id leads out of the directory, and no two share a file', async ({ dir }) => {
  const store = createLocalArtifactStore(join(dir, 'artifacts'));
  const uris: string[] = [];
  for (const run of ODD_RUNS) {
    const { uri } = await store.write(artifactOf(run));
    uris.push(uri);
    expect(await readFile(join(dir, 'artifacts', uri))).toEqual(Buffer.from(BYTES));
  }

  expect(new Set(uris).size).toBe(ODD_RUNS.length);
  expect((await filesBelow(dir)).sort()).toEqual(uris.map((uri) => join('artifacts', uri)).sort());
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

import { createHash } from 'node:crypto';
import { dirname } from 'node:path';
import fc from 'fast-check';
import { expect, test as base } from 'vitest';
import type { ArtifactStore } from '../../../src/activities/artifact-store.ts';
import { ArtifactCorrupt, ArtifactStoreError, InvalidInput } from '../../../src/domain/errors.ts';
import { collect, streamOf } from './chunks.ts';
import type { StoredFiles } from './stored-files.ts';

/** A store, and what is below it. */
export interface Subject {
  readonly store: ArtifactStore;
  /** Of the same place, as another process has it. */
  readonly another: () => ArtifactStore;
  readonly files: StoredFiles;
}

const BYTES = new TextEncoder().encode('{"rows":[1,2,3]}');
/** More than two chunks of a store. */
const MANY = Buffer.alloc(2_500_000, 'some bytes that repeat');
/** More than a store keeps in memory, and several parts of an upload. */
const LARGE = Buffer.alloc(20_000_003, 'a large table');

function artifactOf(run: string, bytes: Uint8Array = BYTES) {
  return { run, name: 'train', extension: '.json', bytes, rows: 3 } as const;
}

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

/** What every store does, whatever its vendor. */
export function testArtifactStore(
  newSubject: (onCleanup: (cleanup: () => void | Promise<void>) => void) => Promise<Subject>,
): void {
  const test = base.extend('subject', async ({}, { onCleanup }) => newSubject(onCleanup));

  test('what is written is read back by its reference, which has its size and rows', async ({ subject }) => {
    const ref = await subject.store.write(artifactOf('nightly/1'));

    expect(ref).toMatchObject({ bytes: BYTES.length, rows: 3 });
    expect(ref.uri).toBe(`runs/nightly/1/train-${ref.sha256.slice(0, 12)}.json`);
    expect(subject.store.locate({ ...artifactOf('nightly/1'), sha256: ref.sha256 })).toBe(ref.uri);
    for (const store of [subject.store, subject.another()]) {
      expect(new Uint8Array(await store.read(ref))).toEqual(BYTES);
      expect(new Uint8Array(await collect(store.readStream(ref)))).toEqual(BYTES);
    }
  });

  test('the same bytes twice, also at the same time, are one artifact', async ({ subject }) => {
    const first = await subject.store.write(artifactOf('run'));

    const others = await Promise.all(Array.from({ length: 8 }, () => subject.store.write(artifactOf('run'))));

    expect(others).toEqual(others.map(() => first));
    expect(await subject.files.uris()).toEqual([first.uri]);
  });

  test('other bytes under the same name are another artifact', async ({ subject }) => {
    const one = await subject.store.write(artifactOf('run'));
    const other = await subject.store.write(artifactOf('run', new Uint8Array([7])));

    expect(other.uri).not.toBe(one.uri);
    expect(new Uint8Array(await subject.another().read(one))).toEqual(BYTES);
  });

  test('one flipped bit anywhere is an ArtifactCorrupt that names the artifact', async ({ subject }) => {
    const ref = await subject.store.write(artifactOf('run'));
    const store = subject.another();
    for (const position of BYTES.keys()) {
      await subject.files.overwrite(ref.uri, BYTES.with(position, (BYTES[position] ?? 0) ^ 1));

      await expect(store.read(ref)).rejects.toThrow(ArtifactCorrupt);
    }
    await expect(store.read(ref)).rejects.toThrow(
      `an artifact has changed [${ref.uri}]: expected sha256 ${ref.sha256}`,
    );
  });

  test.for([0, BYTES.length - 1])('a cut to %d bytes is an ArtifactCorrupt', async (length, { subject }) => {
    const ref = await subject.store.write(artifactOf('run'));
    await subject.files.overwrite(ref.uri, BYTES.subarray(0, length));

    await expect(subject.another().read(ref)).rejects.toThrow(ArtifactCorrupt);
  });

  test('no more is read than the reference says', async ({ subject }) => {
    const ref = await subject.store.write(artifactOf('run'));
    const failure = subject.another().read({ ...ref, bytes: 3 });

    await expect(failure).rejects.toThrow(ArtifactCorrupt);
    await expect(failure).rejects.toThrow('got more than 3 bytes');
  });

  test('a corrupt artifact is repaired by the step that writes it again', async ({ subject }) => {
    const ref = await subject.store.write(artifactOf('run'));
    await subject.files.overwrite(ref.uri, new TextEncoder().encode('garbage'));
    await subject.another().write(artifactOf('run'));

    expect(new Uint8Array(await subject.another().read(ref))).toEqual(BYTES);
  });

  test('a missing artifact is an ArtifactStoreError, which is retried', async ({ subject }) => {
    const ref = await subject.store.write(artifactOf('run'));
    await subject.files.remove(ref.uri);
    const failure = subject.another().read(ref);

    await expect(failure).rejects.toThrow(ArtifactStoreError);
    await expect(failure).rejects.toThrow(/^cannot read an artifact \[.*runs\/run\/train-.*\]: got /);
  });

  test('chunks of any size are one artifact, named by the hash of its bytes', async ({ subject }) => {
    const cut = fc.nat({ max: MANY.length });
    await fc.assert(
      fc.asyncProperty(fc.array(cut, { maxLength: 4 }), async (cuts) => {
        const at = [0, ...cuts.sort((a, b) => a - b), MANY.length];
        const chunks = at.slice(1).map((to, i) => MANY.subarray(at[i], to));
        const ref = await subject.store.writeStream(streamOf(chunks));

        expect(ref.sha256).toBe(createHash('sha256').update(MANY).digest('hex'));
        expect(ref.bytes).toBe(MANY.length);
        expect(MANY.equals(await collect(subject.another().readStream({ ...ref, rows: 0 })))).toBe(true);
        expect(await subject.files.uris()).toEqual([ref.uri]);
      }),
      { numRuns: 5 },
    );
  });

  test('a large artifact is read as it was written, and verified before its first byte', async ({
    subject,
  }) => {
    const ref = { ...(await subject.store.writeStream(streamOf([LARGE]))), rows: 0 };
    const again = await subject.another().writeStream(streamOf([LARGE]));

    expect(again.uri).toBe(ref.uri);
    expect(LARGE.equals(await collect(subject.store.readStream(ref)))).toBe(true);
    await subject.files.overwrite(ref.uri, LARGE.with(LARGE.length - 1, 0));
    const chunks = subject.another().readStream(ref)[Symbol.asyncIterator]();
    await expect(chunks.next()).rejects.toThrow(ArtifactCorrupt);
  });

  test('a chunk may change after it was taken', async ({ subject }) => {
    const chunk = Buffer.alloc(1_500_000);
    async function* chunks() {
      for (const value of [1, 2, 3]) yield chunk.fill(value);
    }
    const ref = await subject.store.writeStream(streamOf(chunks()));

    const found = await collect(subject.store.readStream({ ...ref, rows: 0 }));
    expect([0, 1_500_000, 4_499_999].map((at) => found[at])).toEqual([1, 2, 3]);
  });

  test('bytes that were handed out may be changed', async ({ subject }) => {
    const ref = await subject.store.write(artifactOf('run'));
    (await collect(subject.store.readStream(ref))).fill(0);
    new Uint8Array(await subject.store.read(ref)).fill(0);

    expect(new Uint8Array(await subject.store.read(ref))).toEqual(BYTES);
    expect(new Uint8Array(await collect(subject.store.readStream(ref)))).toEqual(BYTES);
  });

  test('a source that fails leaves nothing, and its own error', async ({ subject }) => {
    async function* chunks() {
      yield LARGE;
      throw new Error('cancelled');
    }

    await expect(subject.store.writeStream(streamOf(chunks()))).rejects.toThrow(new Error('cancelled'));
    expect(await subject.files.uris()).toEqual([]);
  });

  test('no workflow id leads out of the store, and no two share an artifact', async ({ subject }) => {
    const refs = [];
    for (const run of ODD_RUNS) refs.push(await subject.store.write(artifactOf(run)));

    for (const ref of refs) expect(new Uint8Array(await subject.another().read(ref))).toEqual(BYTES);
    expect(new Set(refs.map(({ uri }) => dirname(uri))).size).toBe(ODD_RUNS.length);
    expect((await subject.files.uris()).sort()).toEqual(refs.map(({ uri }) => uri).sort());
  });

  test.for(['../secret', '/etc/passwd', 'runs/../../secret', 'runs//x', '', 'runs/a\0.json'])(
    'an artifact uri that cannot be ours is an InvalidInput: %j',
    async (uri, { subject }) => {
      const ref = { uri, sha256: '0'.repeat(64), bytes: 7, rows: 1 };

      await expect(subject.store.read(ref)).rejects.toThrow(InvalidInput);
      await expect(collect(subject.store.readStream(ref))).rejects.toThrow('artifact.uri names no artifact');
    },
  );

  test('only micro-batches before the given one are discarded', async ({ subject }) => {
    const write = (run: string, name: string) => subject.store.write({ ...artifactOf(run), name });
    const old = ['batch-000000-rows', 'batch-000001-rows', 'batch-000001-scored'];
    const kept = ['batch-000002-rows', 'batch-000010-rows', 'model', 'batch-consumed'];
    const refs = await Promise.all([...old, ...kept].map((name) => write('stream', name)));
    refs.push(await write('stream/other', 'batch-000000-rows'));

    await subject.store.discardBatches('stream', 2);
    await subject.store.discardBatches('no such stream', 2);

    expect((await subject.files.uris()).sort()).toEqual(
      refs
        .slice(old.length)
        .map(({ uri }) => uri)
        .sort(),
    );
  });
}

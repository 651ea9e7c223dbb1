import { createHash, randomUUID } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ArtifactStore } from '../../activities/artifact-store.ts';
import { ArtifactStoreError } from '../../domain/errors.ts';
import { batchOf } from '../../domain/names.ts';
import { folderOf, locate } from '../artifacts/names.ts';
import { createRecentArtifacts } from '../artifacts/recent-artifacts.ts';
import { CHUNK_BYTES, reuse, verified } from '../artifacts/verified.ts';
import { openArtifact, readChunks } from './artifact-file.ts';
import { resolveInside } from './inside.ts';

/**
 * Artifacts as files below one directory that all workers of a task queue share.
 * A file appears whole or not at all: it is written to a temporary file, synced, and renamed.
 * What was written last is kept in memory, too.
 */
export function createLocalArtifactStore(directory: string): ArtifactStore {
  const recent = createRecentArtifacts();

  const writeStream: ArtifactStore['writeStream'] = async ({ run, name, extension, chunks }) => {
    const place = `${folderOf(run)}/${name}`;
    const temporary = join(directory, `${place}.${randomUUID()}.tmp`);
    try {
      await writing(place, makeFolder(directory, dirname(place)));
      const copy = recent.collector();
      const { sha256, bytes } = await writeSynced(place, temporary, chunks, (chunk) => {
        copy.add(chunk);
      });
      const uri = locate({ run, name, extension, sha256 });
      await writing(uri, rename(temporary, join(directory, uri)));
      const content = copy.bytes();
      if (content)
        recent.keep(
          uri,
          sha256,
          content,
          versionOf(await writing(uri, stat(join(directory, uri), { bigint: true }))),
        );
      return { uri, sha256, bytes };
    } catch (error) {
      // If the directory could not be created, there is nothing to remove.
      await rm(temporary, { force: true }).catch(() => undefined);
      throw error;
    }
  };

  return {
    locate,
    writeStream,

    async write({ bytes, rows, ...artifact }) {
      return { ...(await writeStream({ ...artifact, chunks: [bytes] })), rows };
    },

    async read(ref) {
      const { file, size } = await openArtifact(directory, ref);
      const content = Buffer.allocUnsafeSlow(size);
      let position = 0;
      try {
        for await (const chunk of verified(ref, readChunks(ref, file, size, reuse()))) {
          content.set(chunk, position);
          position += chunk.length;
        }
      } finally {
        await file.close();
      }
      return content;
    },

    async *readStream(ref) {
      const { file, size, stats } = await openArtifact(directory, ref);
      try {
        const content = recent.find(ref.uri, ref.sha256, versionOf(stats));
        if (content) {
          yield new Uint8Array(content);
          return;
        }
        // Nothing may be used before the last byte was verified. A second pass over a local file costs less than
        // memory for all of it, and an artifact never changes in place.
        for await (const _ of verified(ref, readChunks(ref, file, size, reuse())));
        // Of its own memory, because it is handed out.
        yield* readChunks(ref, file, size, (bytes) => Buffer.allocUnsafeSlow(bytes));
      } finally {
        await file.close();
      }
    },

    async discardBatches(run, before) {
      const uri = folderOf(run);
      try {
        const folder = await resolveInside(directory, uri);
        const old = (await readdir(folder)).filter((file) => (batchOf(file) ?? before) < before);
        await Promise.all(old.map((file) => rm(join(folder, file), { force: true })));
      } catch (cause) {
        // A stream without artifacts has no folder.
        if (isMissing(cause)) return;
        throw new ArtifactStoreError({
          what: 'cannot remove artifacts of finished micro-batches',
          where: uri,
          got: (cause as Error).message,
          hint: 'Check the permissions of ARTIFACT_STORE; the step is retried',
          cause,
        });
      }
    },
  };
}

async function makeFolder(directory: string, folder: string): Promise<void> {
  try {
    await resolveInside(directory, folder);
  } catch (error) {
    if (!isMissing(error)) throw error;
    await mkdir(join(directory, folder), { recursive: true });
  }
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}

async function writeSynced(
  place: string,
  path: string,
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  onChunk: (chunk: Uint8Array) => void,
): Promise<{ readonly sha256: string; readonly bytes: number }> {
  const hash = createHash('sha256');
  let bytes = 0;
  const file = await writing(place, open(path, 'wx'));
  try {
    for await (const chunk of chunks) {
      for (let from = 0; from < chunk.length; from += CHUNK_BYTES) {
        const slice = chunk.subarray(from, from + CHUNK_BYTES);
        hash.update(slice);
        await writing(place, file.writeFile(slice));
      }
      bytes += chunk.length;
      onChunk(chunk);
    }
    await writing(place, file.sync());
  } finally {
    await file.close();
  }
  return { sha256: hash.digest('hex'), bytes };
}

async function writing<T>(where: string, operation: Promise<T>): Promise<T> {
  try {
    return await operation;
  } catch (cause) {
    throw new ArtifactStoreError({
      what: 'cannot write an artifact',
      where,
      got: (cause as Error).message,
      hint: 'Check the space and permissions of ARTIFACT_STORE; the step is retried',
      cause,
    });
  }
}

/** Another one after every change, also if the clock was set back. */
function versionOf({ ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return `${String(ino)}:${String(size)}:${String(mtimeNs)}:${String(ctimeNs)}`;
}

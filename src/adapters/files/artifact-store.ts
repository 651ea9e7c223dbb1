import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ArtifactStore } from '../../activities/artifact-store.ts';
import { isArtifactUri, type ArtifactRef } from '../../domain/artifact.ts';
import { ArtifactCorrupt, ArtifactStoreError, InvalidInput } from '../../domain/errors.ts';
import { batchOf } from '../../domain/names.ts';
import { LeadsOut, NotAFile, openFileInside, resolveInside } from './inside.ts';

const HASH_DIGITS_IN_NAME = 12;
/** To hash so many bytes takes about three milliseconds of the main thread. */
const CHUNK_BYTES = 1_048_576;

/**
 * Artifacts as files below one directory that all workers of a task queue share.
 * A file appears whole or not at all: it is written to a temporary file, synced, and renamed.
 */
export function createLocalArtifactStore(directory: string): ArtifactStore {
  const writeStream: ArtifactStore['writeStream'] = async ({ run, name, extension, chunks }) => {
    const place = `${folderOf(run)}/${name}`;
    const temporary = join(directory, `${place}.${randomUUID()}.tmp`);
    try {
      await writing(place, makeFolder(directory, dirname(place)));
      const { sha256, bytes } = await writeSynced(place, temporary, chunks);
      const uri = locate({ run, name, extension, sha256 });
      await writing(uri, rename(temporary, join(directory, uri)));
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
        for await (const chunk of verified(ref, chunksOf(ref, file, size, reuse()))) {
          content.set(chunk, position);
          position += chunk.length;
        }
      } finally {
        await file.close();
      }
      return content;
    },

    async *readStream(ref) {
      const { file, size } = await openArtifact(directory, ref);
      try {
        // Nothing may be used before the last byte was verified. A second pass over a local file costs less than
        // memory for all of it, and an artifact never changes in place.
        for await (const _ of verified(ref, chunksOf(ref, file, size, reuse())));
        // Of its own memory, because it is handed out.
        yield* chunksOf(ref, file, size, (bytes) => Buffer.allocUnsafeSlow(bytes));
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
          hint: 'Check the permissions of ARTIFACT_DIR; the step is retried',
          cause,
        });
      }
    },
  };
}

function locate({ run, name, extension, sha256 }: Parameters<ArtifactStore['locate']>[0]): string {
  return `${folderOf(run)}/${name}-${sha256.slice(0, HASH_DIGITS_IN_NAME)}${extension}`;
}

/** A workflow id may contain any character; each of its parts becomes one safe path segment. */
function folderOf(run: string): string {
  return ['runs', ...run.split('/').map(toPathSegment)].join('/');
}

/** File systems allow 255 bytes. A workflow id may have 1,000, and encoding makes three of one. */
const MAX_SEGMENT_CHARS = 120;

function toPathSegment(part: string): string {
  const segment = encodeURIComponent(part).replaceAll('.', '%2E') || '%';
  if (segment.length <= MAX_SEGMENT_CHARS) return segment;
  // No encoded text contains "%-", so a shortened segment differs from every other one.
  return `${segment.slice(0, MAX_SEGMENT_CHARS)}%-${createHash('sha256').update(part).digest('hex')}`;
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
      hint: 'Check the space and permissions of ARTIFACT_DIR; the step is retried',
      cause,
    });
  }
}

async function openArtifact(
  directory: string,
  ref: ArtifactRef,
): Promise<{ readonly file: FileHandle; readonly size: number }> {
  const { uri, bytes } = ref;
  if (!isArtifactUri(uri)) throw noArtifact(uri);
  const file = await openFileInside(directory, uri).then(
    (opened) => opened.file,
    (error: unknown) => {
      throw error instanceof LeadsOut || error instanceof NotAFile ? noArtifact(uri) : unreadable(uri, error);
    },
  );
  try {
    const { size } = await file.stat();
    if (size > bytes) throw changed(ref, `more than ${bytes} bytes`);
    return { file, size };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** One memory for all chunks: each is used before the next one is read. */
function reuse(): (bytes: number) => Buffer {
  let buffer: Buffer | undefined;
  return (bytes) => (buffer ??= Buffer.allocUnsafeSlow(bytes)).subarray(0, bytes);
}

/** From the start of the file. The first chunk is the largest. */
async function* chunksOf(
  { uri }: ArtifactRef,
  file: FileHandle,
  size: number,
  allocate: (bytes: number) => Buffer,
): AsyncGenerator<Uint8Array> {
  for (let position = 0; position < size;) {
    const chunk = allocate(Math.min(CHUNK_BYTES, size - position));
    const { bytesRead } = await file.read(chunk, 0, chunk.length, position).catch((error: unknown) => {
      throw unreadable(uri, error);
    });
    if (bytesRead === 0) return;
    yield chunk.subarray(0, bytesRead);
    position += bytesRead;
  }
}

/** @throws ArtifactCorrupt after the last chunk when they are not the referenced bytes */
async function* verified(ref: ArtifactRef, chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256');
  for await (const chunk of chunks) {
    hash.update(chunk);
    yield chunk;
  }
  // Not its hash: it would identify the content of any file that an input names.
  if (hash.digest('hex') !== ref.sha256) throw changed(ref, 'other bytes');
}

function changed({ uri, sha256 }: ArtifactRef, got: string): ArtifactCorrupt {
  return new ArtifactCorrupt({
    what: 'an artifact has changed',
    where: uri,
    expected: `sha256 ${sha256}`,
    got,
    hint: 'Reset the run to the step that wrote it; the bytes were not used',
  });
}

function unreadable(uri: string, cause: unknown): ArtifactStoreError {
  return new ArtifactStoreError({
    what: 'cannot read an artifact',
    where: uri,
    got: (cause as Error).message,
    hint: 'All workers must share ARTIFACT_DIR; restore the file, or reset the run to the step that wrote it',
    cause,
  });
}

const MAX_SHOWN_CHARS = 200;

/** The same for everything outside, whether it exists or not. */
function noArtifact(uri: string): InvalidInput {
  return new InvalidInput({
    what: 'artifact.uri names no artifact',
    where: uri.slice(0, MAX_SHOWN_CHARS),
    expected: 'a file inside ARTIFACT_DIR, not a folder, device or link to the outside',
    hint: 'Copy the reference from the result of a finished run',
  });
}

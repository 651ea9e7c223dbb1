import { createHash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { isArtifactUri, type ArtifactRef } from '../../domain/artifact.ts';
import { ArtifactCorrupt, ArtifactStoreError, InvalidInput } from '../../domain/errors.ts';
import { LeadsOut, NotAFile, openFileInside } from './inside.ts';

/** To hash so many bytes takes about three milliseconds of the main thread. */
export const CHUNK_BYTES = 1_048_576;

export async function openArtifact(
  directory: string,
  ref: ArtifactRef,
): Promise<{ readonly file: FileHandle; readonly size: number; readonly stats: BigIntStats }> {
  const { uri, bytes } = ref;
  if (!isArtifactUri(uri)) throw noArtifact(uri);
  const file = await openFileInside(directory, uri).then(
    (opened) => opened.file,
    (error: unknown) => {
      throw error instanceof LeadsOut || error instanceof NotAFile ? noArtifact(uri) : unreadable(uri, error);
    },
  );
  try {
    const stats = await file.stat({ bigint: true });
    if (stats.size > bytes) throw changed(ref, `more than ${bytes} bytes`);
    return { file, size: Number(stats.size), stats };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** One memory for all chunks: each is used before the next one is read. */
export function reuse(): (bytes: number) => Buffer {
  let buffer: Buffer | undefined;
  return (bytes) => (buffer ??= Buffer.allocUnsafeSlow(bytes)).subarray(0, bytes);
}

/** From the start of the file. The first chunk is the largest. */
export async function* chunksOf(
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
export async function* verified(
  ref: ArtifactRef,
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
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

import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import type { ArtifactRef } from '../../domain/artifact.ts';
import { ArtifactCorrupt, InvalidInput } from '../../domain/errors.ts';

/** To hash so many bytes takes about three milliseconds of the main thread. */
export const CHUNK_BYTES = 1_048_576;

/** One memory for all chunks: each is used before the next one is read. */
export function reuse(): (bytes: number) => Buffer {
  let buffer: Buffer | undefined;
  return (bytes) => (buffer ??= Buffer.allocUnsafeSlow(bytes)).subarray(0, bytes);
}

/** From the start of the file. The first chunk is the largest. */
export async function* chunksOf(
  file: FileHandle,
  size: number,
  allocate: (bytes: number) => Buffer,
): AsyncGenerator<Uint8Array> {
  for (let position = 0; position < size;) {
    const chunk = allocate(Math.min(CHUNK_BYTES, size - position));
    const { bytesRead } = await file.read(chunk, 0, chunk.length, position);
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

/** @throws ArtifactCorrupt when the artifact has more bytes than its reference says */
export function requireSize(ref: ArtifactRef, size: number | bigint): void {
  if (size > ref.bytes) throw changed(ref, `more than ${ref.bytes} bytes`);
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

const MAX_SHOWN_CHARS = 200;

/** The same for everything outside, whether it exists or not. */
export function noArtifact(uri: string): InvalidInput {
  return new InvalidInput({
    what: 'artifact.uri names no artifact',
    where: uri.slice(0, MAX_SHOWN_CHARS),
    expected: 'a file inside ARTIFACT_STORE, not a folder, device or link to the outside',
    hint: 'Copy the reference from the result of a finished run',
  });
}

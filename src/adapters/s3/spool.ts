import { createHash, randomUUID } from 'node:crypto';
import { open, unlink, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ArtifactStoreError } from '../../domain/errors.ts';
import { MAX_RECENT_BYTES } from '../artifacts/recent-artifacts.ts';
import { CHUNK_BYTES } from '../artifacts/verified.ts';

/** Bytes whose hash is known only when all are there. */
export interface Spooled {
  readonly sha256: string;
  readonly bytes: number;
  /** Undefined when they are in `file`. */
  readonly memory: Uint8Array | undefined;
  readonly file: FileHandle | undefined;
}

/**
 * Takes all bytes, many of them into a file without a name. The caller closes it.
 *
 * @throws ArtifactStoreError, and what `chunks` throws
 */
export async function spool(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<Spooled> {
  const hash = createHash('sha256');
  let memory: Uint8Array[] = [];
  let bytes = 0;
  let file: FileHandle | undefined;
  try {
    for await (const chunk of chunks) {
      for (let from = 0; from < chunk.length; from += CHUNK_BYTES) {
        // Its writer may use the memory of a chunk again.
        const slice = new Uint8Array(chunk.subarray(from, from + CHUNK_BYTES));
        hash.update(slice);
        bytes += slice.length;
        memory.push(slice);
        if (bytes <= MAX_RECENT_BYTES) continue;
        file ??= await openUnnamedFile();
        await append(file, memory);
        memory = [];
      }
    }
  } catch (error) {
    await file?.close();
    throw error;
  }
  return { sha256: hash.digest('hex'), bytes, memory: file ? undefined : Buffer.concat(memory), file };
}

/** Its space is free again when it is closed, also when the process dies. */
export async function openUnnamedFile(): Promise<FileHandle> {
  const path = join(tmpdir(), `imdb-${randomUUID()}`);
  return onDisk(async () => {
    const file = await open(path, 'wx+', 0o600);
    await unlink(path);
    return file;
  });
}

export async function append(file: FileHandle, chunks: readonly Uint8Array[]): Promise<void> {
  await onDisk(async () => {
    for (const chunk of chunks) await file.writeFile(chunk);
  });
}

async function onDisk<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw new ArtifactStoreError({
      what: 'cannot write a temporary file',
      where: tmpdir(),
      got: (cause as Error).message,
      hint: 'Free space there, or set TMPDIR to a directory that the worker can write to; the step is retried',
      cause,
    });
  }
}

import type { BigIntStats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { isArtifactUri, type ArtifactRef } from '../../domain/artifact.ts';
import { ArtifactStoreError } from '../../domain/errors.ts';
import { chunksOf, noArtifact, requireSize } from '../artifacts/verified.ts';
import { LeadsOut, NotAFile, openFileInside } from './inside.ts';

export async function openArtifact(
  directory: string,
  ref: ArtifactRef,
): Promise<{ readonly file: FileHandle; readonly size: number; readonly stats: BigIntStats }> {
  const { uri } = ref;
  if (!isArtifactUri(uri)) throw noArtifact(uri);
  const file = await openFileInside(directory, uri).then(
    (opened) => opened.file,
    (error: unknown) => {
      throw error instanceof LeadsOut || error instanceof NotAFile ? noArtifact(uri) : unreadable(uri, error);
    },
  );
  try {
    const stats = await file.stat({ bigint: true });
    requireSize(ref, stats.size);
    return { file, size: Number(stats.size), stats };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** As {@link chunksOf}; what the system throws arrives as ArtifactStoreError. */
export async function* readChunks(
  { uri }: ArtifactRef,
  ...source: Parameters<typeof chunksOf>
): AsyncGenerator<Uint8Array> {
  try {
    yield* chunksOf(...source);
  } catch (error) {
    throw unreadable(uri, error);
  }
}

function unreadable(uri: string, cause: unknown): ArtifactStoreError {
  return new ArtifactStoreError({
    what: 'cannot read an artifact',
    where: uri,
    got: (cause as Error).message,
    hint: 'All workers must share ARTIFACT_STORE; restore the file, or reset the run to the step that wrote it',
    cause,
  });
}

import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ArtifactStore } from '../../activities/artifact-store.ts';
import { isArtifactUri } from '../../domain/artifact.ts';
import { ArtifactCorrupt, ArtifactStoreError, InvalidInput } from '../../domain/errors.ts';
import { batchOf } from '../../domain/names.ts';
import { LeadsOut, NotAFile, resolveInside, withFileInside } from './inside.ts';

const HASH_DIGITS_IN_NAME = 12;

/**
 * Artifacts as files below one directory that all workers of a task queue share.
 * A file appears whole or not at all: it is written to a temporary file, synced, and renamed.
 */
export function createLocalArtifactStore(directory: string): ArtifactStore {
  return {
    locate,

    async write({ run, name, extension, bytes, rows }) {
      const sha256 = sha256Of(bytes);
      const uri = locate({ run, name, extension, sha256 });
      const path = join(directory, uri);
      const temporary = `${path}.${randomUUID()}.tmp`;
      try {
        await makeFolder(directory, dirname(uri));
        await writeSynced(temporary, bytes);
        await rename(temporary, path);
      } catch (cause) {
        // If the directory could not be created, there is nothing to remove.
        await rm(temporary, { force: true }).catch(() => undefined);
        throw new ArtifactStoreError({
          what: 'cannot write an artifact',
          where: uri,
          got: (cause as Error).message,
          hint: 'Check the space and permissions of ARTIFACT_DIR; the step is retried',
          cause,
        });
      }
      return { uri, sha256, bytes: bytes.length, rows };
    },

    async read({ uri, sha256, bytes }) {
      if (!isArtifactUri(uri)) throw noArtifact(uri);
      let content: Uint8Array | undefined;
      try {
        content = await withFileInside(directory, uri, async (file) =>
          (await file.stat()).size <= bytes ? file.readFile() : undefined,
        );
      } catch (cause) {
        if (cause instanceof LeadsOut || cause instanceof NotAFile) throw noArtifact(uri);
        throw new ArtifactStoreError({
          what: 'cannot read an artifact',
          where: uri,
          got: (cause as Error).message,
          hint: 'All workers must share ARTIFACT_DIR; restore the file, or reset the run to the step that wrote it',
          cause,
        });
      }
      if (content && sha256Of(content) === sha256) return content;
      throw new ArtifactCorrupt({
        what: 'an artifact has changed',
        where: uri,
        expected: `sha256 ${sha256}`,
        // Not its hash: it would identify the content of any file that an input names.
        got: content ? 'other bytes' : `more than ${bytes} bytes`,
        hint: 'Reset the run to the step that wrote it; the bytes were not used',
      });
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

function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** File systems allow 255 bytes. A workflow id may have 1,000, and encoding makes three of one. */
const MAX_SEGMENT_CHARS = 120;

function toPathSegment(part: string): string {
  const segment = encodeURIComponent(part).replaceAll('.', '%2E') || '%';
  if (segment.length <= MAX_SEGMENT_CHARS) return segment;
  // No encoded text contains "%-", so a shortened segment differs from every other one.
  return `${segment.slice(0, MAX_SEGMENT_CHARS)}%-${sha256Of(new TextEncoder().encode(part))}`;
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

async function writeSynced(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'wx');
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

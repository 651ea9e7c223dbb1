import type { FileHandle } from 'node:fs/promises';
import type { DataDirectory } from '../../activities/dataset/data-directory.ts';
import { isFileName } from '../../domain/artifact.ts';
import { isMissing } from './errors/call.ts';
import { leadsOut, noSuchFile } from '../files/data-directory.ts';
import type { Bucket } from './bucket.ts';
import { append, openUnnamedFile } from './spool.ts';

/**
 * Datasets as objects below one prefix. The thread that parses needs a descriptor, so an object is first copied, as a
 * stream, into a temporary file. It comes with one answer of the store, which never mixes two versions of an object.
 */
export function createS3DataDirectory(bucket: Bucket): DataDirectory {
  return {
    async withFile(path, use) {
      const name = nameIn(path);
      const file = await openUnnamedFile();
      try {
        await copy(bucket, name, file).catch((error: unknown) => {
          throw isMissing(error) ? noSuchFile(path, error) : error;
        });
        return await use({ name: path, descriptor: file.fd });
      } finally {
        await file.close();
      }
    },
  };
}

async function copy(bucket: Bucket, name: string, file: FileHandle): Promise<void> {
  for await (const chunk of bucket.get('cannot read the dataset', name)) await append(file, [chunk]);
}

/** @throws InvalidInput, DatasetError: as for a directory */
function nameIn(path: string): string {
  const names: string[] = [];
  if (path.startsWith('/')) throw leadsOut(path);
  for (const name of path.split('/')) {
    if (name === '' || name === '.') continue;
    if (name !== '..') names.push(name);
    else if (names.pop() === undefined) throw leadsOut(path);
  }
  if (names.length === 0 || !names.every(isFileName)) throw noSuchFile(path);
  return names.join('/');
}

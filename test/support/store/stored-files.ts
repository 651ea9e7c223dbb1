import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createBucket, type Bucket } from '../../../src/adapters/s3/bucket.ts';
import type { S3Settings } from '../../../src/config/s3-settings.ts';
import type { StorePlace } from '../../../src/config/store-place.ts';
import { filesBelow } from '../unit/temp-dir.ts';

/** What is below a store, for those who may do everything with it: an operator, a broken disk. */
export interface StoredFiles {
  uris(): Promise<string[]>;
  read(uri: string): Promise<Buffer>;
  overwrite(uri: string, bytes: Uint8Array): Promise<void>;
  remove(uri: string): Promise<void>;
}

export function openStoredFiles(place: StorePlace, settings: S3Settings): StoredFiles {
  return place.kind === 'directory' ? inDirectory(place.path) : inBucket(createBucket(settings, place));
}

export function inDirectory(directory: string): StoredFiles {
  return {
    uris: () => filesBelow(directory),
    read: (uri) => readFile(join(directory, uri)),
    overwrite: (uri, bytes) => writeFile(join(directory, uri), bytes),
    remove: (uri) => rm(join(directory, uri)),
  };
}

export function inBucket(bucket: Bucket): StoredFiles {
  return {
    async uris() {
      const names: string[] = [];
      for await (const { name } of bucket.list('cannot list', '')) names.push(name);
      return names;
    },
    async read(uri) {
      const chunks: Uint8Array[] = [];
      for await (const chunk of bucket.get('cannot read', uri)) chunks.push(chunk);
      return Buffer.concat(chunks);
    },
    async overwrite(uri, bytes) {
      await bucket.put('cannot overwrite', uri, bytes, { sha256: 'of somebody else', ifAbsent: false });
    },
    remove: (uri) => bucket.remove('cannot remove', [uri]),
  };
}

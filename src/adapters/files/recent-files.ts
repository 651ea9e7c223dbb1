import type { BigIntStats } from 'node:fs';
import { LRUCache } from 'lru-cache';

/** Some micro-batches with their predictions. */
const MAX_BYTES = 64 * 1024 * 1024;
/** A larger file is read from the disk: it would push out all others. */
const MAX_FILE_BYTES = 8 * 1024 * 1024;

interface RecentFile {
  readonly sha256: string;
  readonly bytes: Uint8Array;
  readonly version: string;
}

/**
 * What this process has just written, so that its next activity need not read and hash it. A file that anybody has
 * touched since is not taken from memory: whether it was damaged is for its reader to find out.
 */
export function createRecentFiles() {
  const files = new LRUCache<string, RecentFile>({
    maxSize: MAX_BYTES,
    maxEntrySize: MAX_FILE_BYTES,
    sizeCalculation: ({ bytes }) => bytes.length + 1,
  });
  return {
    keep(uri: string, sha256: string, bytes: Uint8Array, stats: BigIntStats): void {
      files.set(uri, { sha256, bytes, version: versionOf(stats) });
    },
    find(uri: string, sha256: string, stats: BigIntStats): Uint8Array | undefined {
      const file = files.get(uri);
      return file?.sha256 === sha256 && file.version === versionOf(stats) ? file.bytes : undefined;
    },
    /** Copies the beginning of a file while it is written. */
    collector() {
      let chunks: Uint8Array[] | undefined = [];
      let length = 0;
      return {
        add(chunk: Uint8Array): void {
          length += chunk.length;
          // Its writer may use the memory of a chunk again.
          if (length <= MAX_FILE_BYTES) chunks?.push(new Uint8Array(chunk));
          else chunks = undefined;
        },
        /** Undefined for a large file. */
        bytes: (): Uint8Array | undefined => chunks && Buffer.concat(chunks),
      };
    },
  };
}

/** Another one after every change, also if the clock was set back. */
function versionOf({ ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return `${String(ino)}:${String(size)}:${String(mtimeNs)}:${String(ctimeNs)}`;
}

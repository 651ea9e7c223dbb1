import { LRUCache } from 'lru-cache';

/** Some micro-batches with their predictions. */
const MAX_BYTES = 16 * 1024 * 1024;
/** A larger artifact is read from the store: it would push out all others. */
export const MAX_RECENT_BYTES = 8 * 1024 * 1024;

interface RecentArtifact {
  readonly sha256: string;
  readonly bytes: Uint8Array;
  readonly version: string;
}

/**
 * What this process has just written, so that its next activity need not read and hash it.
 *
 * `version` is what the store knows about the stored bytes: whether they were damaged since is for their reader to find
 * out.
 */
export function createRecentArtifacts() {
  const artifacts = new LRUCache<string, RecentArtifact>({
    maxSize: MAX_BYTES,
    maxEntrySize: MAX_RECENT_BYTES,
    sizeCalculation: ({ bytes }) => bytes.length + 1,
  });
  return {
    keep(uri: string, sha256: string, bytes: Uint8Array, version: string): void {
      artifacts.set(uri, { sha256, bytes, version });
    },
    find(uri: string, sha256: string, version: string): Uint8Array | undefined {
      const artifact = artifacts.get(uri);
      return artifact?.sha256 === sha256 && artifact.version === version ? artifact.bytes : undefined;
    },
    /** Copies the beginning of an artifact while it is written. */
    collector() {
      let chunks: Uint8Array[] | undefined = [];
      let length = 0;
      return {
        add(chunk: Uint8Array): void {
          length += chunk.length;
          // Its writer may use the memory of a chunk again.
          if (length <= MAX_RECENT_BYTES) chunks?.push(new Uint8Array(chunk));
          else chunks = undefined;
        },
        /** Undefined for a large artifact. */
        bytes: (): Uint8Array | undefined => chunks && Buffer.concat(chunks),
      };
    },
  };
}

import { createHash } from 'node:crypto';
import type { ArtifactStore } from '../../../src/activities/artifact-store.ts';

export interface MemoryArtifacts extends ArtifactStore {
  /** The uri of every read, in order. */
  readonly reads: readonly string[];
}

/** The port without a disk: what is written can be read back, under a name derived from its content. */
export function createMemoryArtifacts(): MemoryArtifacts {
  const files = new Map<string, Uint8Array>();
  const reads: string[] = [];
  const locate: ArtifactStore['locate'] = ({ run, name, extension, sha256 }) =>
    `${run}/${name}-${sha256}${extension}`;
  return {
    reads,
    locate,
    async write({ run, name, extension, bytes, rows }) {
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      const uri = locate({ run, name, extension, sha256 });
      files.set(uri, bytes);
      return { uri, sha256, bytes: bytes.length, rows };
    },
    async discardBatches() {
      throw new Error('not implemented in memory');
    },
    async read({ uri }) {
      reads.push(uri);
      const bytes = files.get(uri);
      if (bytes === undefined) throw new Error(`no artifact ${uri}`);
      return bytes;
    },
  };
}

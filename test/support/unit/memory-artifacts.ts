import { createHash } from 'node:crypto';
import type { ArtifactRef } from '../../../src/domain/artifact.ts';
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
  const keep = (bytes: Uint8Array, artifact: Omit<Parameters<ArtifactStore['locate']>[0], 'sha256'>) => {
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const uri = locate({ ...artifact, sha256 });
    files.set(uri, bytes);
    return { uri, sha256, bytes: bytes.length };
  };
  const read = async ({ uri }: ArtifactRef): Promise<Uint8Array> => {
    reads.push(uri);
    const bytes = files.get(uri);
    if (bytes === undefined) throw new Error(`no artifact ${uri}`);
    return bytes;
  };
  return {
    reads,
    locate,
    read,
    async *readStream(ref) {
      yield await read(ref);
    },
    async write({ bytes, rows, ...artifact }) {
      return { ...keep(bytes, artifact), rows };
    },
    async writeStream({ chunks, ...artifact }) {
      const written: Uint8Array[] = [];
      for await (const chunk of chunks) written.push(Uint8Array.from(chunk));
      return keep(Buffer.concat(written), artifact);
    },
    async discardBatches() {
      throw new Error('not implemented in memory');
    },
  };
}

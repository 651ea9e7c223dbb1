import type { ArtifactRef } from '../domain/artifact.ts';
import type { StoredArtifact } from '../domain/retention.ts';

export type ArtifactExtension = '.arrow' | '.json' | '.model' | '.trees' | '.html';

/** Port: where splits, models and predictions live. Writes are atomic and idempotent; loads check the sha256. */
export interface ArtifactStore {
  /**
   * Stores bytes under `<run>/<name>-<hash><extension>`; the same bytes twice are one artifact.
   * @throws ArtifactStoreError
   */
  write(artifact: {
    readonly run: string;
    readonly name: string;
    readonly extension: ArtifactExtension;
    readonly bytes: Uint8Array;
    readonly rows: number;
  }): Promise<ArtifactRef>;
  /**
   * As {@link write}, chunk by chunk. A chunk has been written when the next one is asked for.
   * @throws ArtifactStoreError, and what `chunks` throws; nothing is stored then
   */
  writeStream(artifact: {
    readonly run: string;
    readonly name: string;
    readonly extension: ArtifactExtension;
    readonly chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
  }): Promise<Omit<ArtifactRef, 'rows'>>;
  /** The uri that {@link write} returns for such an artifact. */
  locate(artifact: {
    readonly run: string;
    readonly name: string;
    readonly extension: string;
    readonly sha256: string;
  }): string;
  /**
   * Reads at most `ref.bytes`.
   *
   * @throws ArtifactCorrupt when the bytes are not the referenced ones, ArtifactStoreError when they can't be read,
   * InvalidInput when the uri leads out of the store
   */
  read(ref: ArtifactRef): Promise<Uint8Array>;
  /** As {@link read}, in chunks. All bytes are verified before the first one is handed out. */
  readStream(ref: ArtifactRef): AsyncIterable<Uint8Array>;
  /**
   * Removes the artifacts of micro-batches before this one; it is no error when there are none.
   * @throws ArtifactStoreError
   */
  discardBatches(run: string, before: number): Promise<void>;
}

/** Port: the files of an artifact store, for those who clean up. */
export interface ArtifactInventory {
  /** Every file of runs. @throws ArtifactStoreError */
  list(): AsyncIterable<StoredArtifact>;
  /** It is no error when some are gone already. @throws ArtifactStoreError */
  remove(uris: readonly string[]): Promise<void>;
}

export async function writeJson(
  store: ArtifactStore,
  run: string,
  name: string,
  rows: number,
  content: unknown,
): Promise<ArtifactRef> {
  const bytes = new TextEncoder().encode(JSON.stringify(content));
  return store.write({ run, name, extension: '.json', bytes, rows });
}

/** The shape needs no check: the sha256 matches, and only {@link writeJson} writes these. */
export async function readJson<T>(store: ArtifactStore, ref: ArtifactRef): Promise<T> {
  return JSON.parse(new TextDecoder().decode(await store.read(ref))) as T;
}

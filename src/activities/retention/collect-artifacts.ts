import { isDisposable, type Retained, type StoredArtifact } from '../../domain/retention.ts';
import type { CollectInput, CollectResult } from '../../domain/retention-input.ts';
import type { ArtifactInventory } from '../artifact-store.ts';
import { withHeartbeat } from '../heartbeat.ts';

const DAY_MS = 86_400_000;
/** Of S3, for one request. */
const AT_ONCE = 1_000;

/** Port: what runs, streams and registered models refer to. */
export interface References {
  /**
   * Of what is running, or ended since then.
   *
   * @throws RegistryError when a registry does not answer: what it refers to is not known then
   */
  retained(since: Date): Promise<Retained>;
}

export interface CollectDeps {
  readonly inventory: ArtifactInventory;
  readonly references: References;
}

/** What nothing refers to any more. */
export async function findDisposable(
  { inventory, references }: CollectDeps,
  { keepDays }: CollectInput,
): Promise<StoredArtifact[]> {
  const old: StoredArtifact[] = [];
  const since = new Date(Date.now() - keepDays * DAY_MS);
  // Before the runs are listed: a run that starts now has only artifacts that are not in the list.
  for await (const artifact of inventory.list()) if (artifact.writtenAt < since) old.push(artifact);
  const retained = await references.retained(since);
  return old.filter((artifact) => isDisposable(artifact, retained));
}

export async function removeArtifacts(
  { inventory }: Pick<CollectDeps, 'inventory'>,
  artifacts: readonly StoredArtifact[],
): Promise<void> {
  const uris = artifacts.map(({ uri }) => uri);
  for (let from = 0; from < uris.length; from += AT_ONCE)
    await inventory.remove(uris.slice(from, from + AT_ONCE));
}

/** A retry removes and counts what the attempt before has left. */
export function createCollectArtifacts(deps: CollectDeps) {
  return async function collectArtifacts(input: CollectInput): Promise<CollectResult> {
    return withHeartbeat(async () => {
      const disposable = await findDisposable(deps, input);
      await removeArtifacts(deps, disposable);
      return { removed: disposable.length, bytes: disposable.reduce((sum, { bytes }) => sum + bytes, 0) };
    });
  };
}

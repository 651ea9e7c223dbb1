import { openArtifacts } from '../../adapters/stores.ts';
import { isDisposable, type StoredArtifact } from '../../domain/retention.ts';
import { withClient } from '../shared/client.ts';
import { count, type JsonOption, number, print, printJson } from '../shared/output.ts';
import { findRetained } from './retained.ts';

export interface GcOptions extends JsonOption {
  readonly keepDays: number;
  readonly dryRun?: true;
}

const DAY_MS = 86_400_000;
/** Of S3, for one request. */
const AT_ONCE = 1_000;

export async function collectGarbage(options: GcOptions): Promise<void> {
  const { keepDays, dryRun } = options;
  await withClient(async (client, config) => {
    const { inventory } = await openArtifacts(config);
    const old: StoredArtifact[] = [];
    const since = new Date(Date.now() - keepDays * DAY_MS);
    // Before the runs are listed: a run that starts now has only artifacts that are not in the list.
    for await (const artifact of inventory.list()) if (artifact.writtenAt < since) old.push(artifact);
    const retained = await findRetained(client, since);
    const disposable = old.filter((artifact) => isDisposable(artifact, retained));
    for (const { uri, bytes } of disposable) print(`${uri}  ${number(bytes)} bytes`, options);
    const uris = disposable.map(({ uri }) => uri);
    for (let from = 0; !dryRun && from < uris.length; from += AT_ONCE)
      await inventory.remove(uris.slice(from, from + AT_ONCE));
    const bytes = disposable.reduce((sum, artifact) => sum + artifact.bytes, 0);
    const what = dryRun ? 'would be removed' : 'removed';
    print(`${count(uris.length, 'artifact')} ${what}, ${number(bytes)} bytes`, options);
    printJson({ removed: uris.length, bytes, dryRun: dryRun === true, uris }, options);
  });
}

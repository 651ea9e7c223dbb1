import { counted } from '../../domain/text.ts';
import { findDisposable, removeArtifacts } from '../../activities/retention/collect-artifacts.ts';
import { openArtifacts } from '../../adapters/stores.ts';
import { createReferences } from '../../adapters/temporal/references.ts';
import { withClient } from '../shared/client.ts';
import { type JsonOption, number, print, printJson } from '../shared/output.ts';

export interface GcOptions extends JsonOption {
  readonly keepDays: number;
  readonly dryRun?: true;
}

export async function collectGarbage(options: GcOptions): Promise<void> {
  const { dryRun } = options;
  await withClient(async (client, config) => {
    const { inventory } = await openArtifacts(config);
    const disposable = await findDisposable({ inventory, references: createReferences(client) }, options);
    for (const { uri, bytes } of disposable) print(`${uri}  ${number(bytes)} bytes`, options);
    if (!dryRun) await removeArtifacts({ inventory }, disposable);
    const uris = disposable.map(({ uri }) => uri);
    const bytes = disposable.reduce((sum, artifact) => sum + artifact.bytes, 0);
    const what = dryRun ? 'would be removed' : 'removed';
    print(`${counted(uris.length, 'artifact')} ${what}, ${number(bytes)} bytes`, options);
    printJson({ removed: uris.length, bytes, dryRun: dryRun === true, uris }, options);
  });
}

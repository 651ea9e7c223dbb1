import { join } from 'node:path';
import type { Config } from '../../config.ts';

/**
 * The default run needs `movies.csv`. It is written to the project's own data directory only, never to a
 * directory that the operator named.
 */
export async function ensureDefaultDataset({ data, local }: Config): Promise<void> {
  if (data.kind !== 'directory' || data.path !== join(local.stateDir, 'data')) return;
  const { ensureSampleDataset } = await import('../../dev/sample-dataset.ts');
  await ensureSampleDataset(data.path);
}

import { join } from 'node:path';
import type { Config } from '../../config.ts';

/**
 * The default run needs `movies.csv`. It is written to the project's own data directory only, never to a
 * directory that the operator named.
 */
export async function ensureDefaultDataset({ dataDir, local }: Config): Promise<void> {
  if (dataDir !== join(local.stateDir, 'data')) return;
  const { ensureSampleDataset } = await import('../../dev/sample-dataset.ts');
  await ensureSampleDataset(dataDir);
}

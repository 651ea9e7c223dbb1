import { createRequire } from 'node:module';
import { availableParallelism, cpus, release, totalmem, type } from 'node:os';
import type { PeerVersions } from './python-environment.ts';

/** The machine and versions behind the figures. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  readonly node: string;
  readonly peers: PeerVersions & { readonly 'ml-random-forest': string };
}

export function describeMachine(versions: PeerVersions): Machine {
  const mlRandomForest = createRequire(import.meta.url)('ml-random-forest/package.json') as {
    version: string;
  };
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()}`,
    node: process.versions.node,
    peers: { ...versions, 'ml-random-forest': mlRandomForest.version },
  };
}

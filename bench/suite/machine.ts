import { createRequire } from 'node:module';
import { availableParallelism, cpus, release, totalmem, type } from 'node:os';

/** The machine and versions behind the figures. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  readonly node: string;
  /** Versions by name. */
  readonly peers: Readonly<Record<string, string>>;
}

export function describeMachine(peers: Readonly<Record<string, string>>): Machine {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()}`,
    node: process.versions.node,
    peers,
  };
}

/** Of a package in `node_modules`. */
export function versionOf(name: string): string {
  return (createRequire(import.meta.url)(`${name}/package.json`) as { version: string }).version;
}

/** As a Markdown list. */
export function renderFacts({ cpu, cores, memoryGiB, system, node, peers }: Machine, data: string): string {
  const versions = Object.entries(peers).map(([name, version]) => `${name} ${version}`);
  const facts = [
    ['date', new Date().toISOString().slice(0, 16).replace('T', ' ') + ' UTC'],
    ['machine', `${cpu}, ${cores} cores, ${memoryGiB} GiB, ${system}`],
    ['Node.js', node],
    ['peers', versions.join(', ')],
    ['data', data],
  ];
  return facts.map(([name, value]) => `- ${name}: ${value}`).join('\n');
}

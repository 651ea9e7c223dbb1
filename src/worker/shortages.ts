import type { Config } from '../config.ts';
import { PROCESS_BYTES } from './process-place.ts';

interface Machine {
  /** That this process may use. */
  readonly cores: number;
  /** What the worker may use of the memory of its machine or container. */
  readonly memoryBytes: number;
}

/** What the settings ask for and the machine or container does not have: the worker runs, but slowly or not for long. */
export function findShortages(
  { roles, forestThreads }: Pick<Config, 'roles' | 'forestThreads'>,
  processes: number,
  { cores, memoryBytes }: Machine,
): string[] {
  const shortages: string[] = [];
  const needed = processes * PROCESS_BYTES;
  // Workflows alone need little.
  if (memoryBytes < needed && roles.some((role) => role !== 'workflows')) {
    const fewer = processes > 1 ? 'set fewer WORKER_PROCESSES, or ' : '';
    shortages.push(
      `memory is short: ${processes} ${processes === 1 ? 'process needs' : 'processes need'} ${gigabytes(needed)}, ` +
        `and the worker may use ${gigabytes(memoryBytes)}, three quarters of its machine or container; ` +
        `${fewer}give it more`,
    );
  }
  if (forestThreads > cores && (roles.includes('training') || roles.includes('scoring'))) {
    shortages.push(
      `cores are short: FOREST_THREADS is ${forestThreads}, and this process may use ${cores}; ` +
        `set FOREST_THREADS=${cores}, or give it more`,
    );
  }
  return shortages;
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}

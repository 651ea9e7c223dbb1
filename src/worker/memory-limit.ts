import { totalmem } from 'node:os';

/** The rest is for the system, files in its cache, and other programs. */
const SHARE = 0.75;

/** What a worker may use: a share of the machine's memory, or of its container's. */
export function memoryLimit(): number {
  const constrained = process.constrainedMemory();
  // Node says 0, or a number above any memory, when there is no limit.
  const memory = constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
  return Math.floor(memory * SHARE);
}

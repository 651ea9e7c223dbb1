import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { estimateTraining } from '../../../src/forest/memory/training-estimate.ts';

const PROGRAM = fileURLToPath(new URL('../../support/size/training-process.ts', import.meta.url));
/** What the estimate may be above the process's peak: a worker has more libraries than this process. */
const FACTOR = 2.5;

// The system must say how much memory a process has had.
test.skipIf(!existsSync('/proc/self/status')).for([
  { rows: 200_000, features: 15, trees: 2, maxDepth: 8 },
  { rows: 60_000, features: 10, trees: 20 },
])('the estimate of $rows rows × $features features is above what they take', async (size) => {
  const { rows, features, trees, maxDepth = 0 } = size;
  const args = [rows, features, trees, maxDepth].map(String);
  const { stdout } = await execa(process.execPath, ['--import', 'tsx', PROGRAM, ...args]);
  const peak = Number(stdout);
  const estimate = estimateTraining(size, { minLeafRows: 1, ...size }, 2)?.peak ?? 0;

  expect(estimate).toBeGreaterThan(peak);
  expect(estimate).toBeLessThan(FACTOR * peak);
});

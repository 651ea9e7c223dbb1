/**
 * A process of `training-estimate.test.ts`: trains on random rows and prints the most memory that it has had, in bytes.
 * Arguments: rows, features, trees, depth or 0.
 */
import { readFileSync } from 'node:fs';
import { createRandom } from '../../../bench/data/random.ts';
import { createHistogramEngine } from '../../../src/forest/histogram-engine.ts';
import { createThreadPool } from '../../../src/forest/threads/thread-pool.ts';

const [rows = 0, features = 0, trees = 0, depth = 0] = process.argv.slice(2).map(Number);
const random = createRandom(1);
const columns = Array.from({ length: features }, () => Float64Array.from({ length: rows }, random));
const targets = Float64Array.from({ length: rows }, random);
const pool = createThreadPool(2);
const params = { engine: 'histogram', trees, minLeafRows: 1, featureFraction: 1, seed: 1 } as const;
const { signal } = new AbortController();
await createHistogramEngine(pool).train(
  { columns, targets },
  { ...params, ...(depth > 0 && { maxDepth: depth }) },
  { signal },
);
const kibibytes = /^VmHWM:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
process.stdout.write(`${Number(kibibytes) * 1024}`);
await pool.close();

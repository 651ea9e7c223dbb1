import type { GrownForest, TrainingSet } from '../activities/training/forest-engine.ts';
import { ModelMismatch } from '../domain/errors.ts';
import type { ForestParams } from '../domain/run/pipeline-input.ts';
import { decodeForest, encodeForest, NODE_BYTES, type Forest } from './forest-file.ts';
import { LEARNING_BLOCK_ROWS, readLearning } from './memory/learning-memory.ts';
import { createOutOfBagMemory } from './memory/out-of-bag-memory.ts';
import type { ThreadPool } from './threads/thread-pool.ts';

/** Joins the parts of a forest and predicts each training row by the trees whose bag lacks it. */
export async function assembleForest(
  pool: ThreadPool,
  parts: readonly Uint8Array[],
  set: TrainingSet,
  params: ForestParams,
): Promise<GrownForest> {
  const decoded = parts.map((bytes, i) => decodeForest(`part ${i} of the forest`, bytes));
  const features = set.columns.length;
  requireWhole(decoded, features, params.trees);
  const units = sumOfImportances(decoded, features);
  const bytes = encodeForest(features, 0, decoded.flatMap(treesOf), units);
  const total = units.reduce((sum, unit) => sum + unit, 0);
  return {
    bytes,
    ...(await predictOutOfBag(pool, decodeForest('the forest', bytes), set, params.seed)),
    importances: Array.from(units, (unit) => (total === 0 ? 0 : unit / total)),
  };
}

/** Order matters, because the index of a tree decides its bag. */
function requireWhole(parts: readonly Forest[], features: number, trees: number): void {
  let next = 0;
  for (const part of parts) {
    if (part.features !== features || part.firstTree !== next) {
      const expected = `trees from ${next} on, of ${features} features`;
      const got = `trees from ${part.firstTree} on, of ${part.features} features`;
      throw new ModelMismatch({ what: 'the parts do not make a forest', expected, got });
    }
    next += part.trees;
  }
  if (next !== trees) {
    throw new ModelMismatch({ what: 'trees are missing', expected: `${trees}`, got: `${next}` });
  }
}

function sumOfImportances(parts: readonly Forest[], features: number): Float64Array {
  const sums = new Float64Array(features);
  for (const { importances } of parts) {
    importances.forEach((units, feature) => {
      sums[feature] = (sums[feature] as number) + units;
    });
  }
  return sums;
}

function treesOf({ nodeCounts, starts, values }: Forest): Uint8Array[] {
  return Array.from(starts, (start, i) => {
    const at = values.byteOffset + start * NODE_BYTES;
    return new Uint8Array(values.buffer, at, (nodeCounts[i] as number) * NODE_BYTES);
  });
}

async function predictOutOfBag(
  pool: ThreadPool,
  { trees, nodeCounts, values }: Forest,
  set: TrainingSet,
  seed: number,
): Promise<Pick<GrownForest, 'outOfBagPredictions' | 'learning'>> {
  const rows = set.targets.length;
  const blocks = Math.ceil(rows / LEARNING_BLOCK_ROWS);
  const threads = Math.min(pool.size, blocks);
  const largestTree = nodeCounts.reduce((max, count) => Math.max(max, count), 0);
  const { memory, layout } = await createOutOfBagMemory(set, { trees, largestTree }, threads);
  const nodes = new Uint8Array(values.buffer as SharedArrayBuffer, values.byteOffset, values.byteLength);
  const job = { kind: 'out-of-bag', memory, layout, seed, nodes, nodeCounts } as const;
  await Promise.all(
    layout.slots.map((_, slot) => {
      const fromBlock = Math.floor((slot * blocks) / threads);
      const toBlock = Math.floor(((slot + 1) * blocks) / threads);
      return pool.run(() => ({ ...job, slot, fromBlock, toBlock }));
    }),
  );
  const sums = new Float64Array(memory.buffer, layout.sums, rows);
  const votes = new Uint32Array(memory.buffer, layout.votes, rows);
  return {
    // 0 / 0 is NaN, as promised for rows in every bag.
    outOfBagPredictions: sums.map((sum, row) => sum / (votes[row] as number)),
    learning: readLearning(memory, layout.learning),
  };
}

import { setImmediate } from 'node:timers/promises';
import { TrainingError } from '../../domain/errors.ts';
import type { TrainingSet } from '../../activities/training/forest-engine.ts';
import { allocate, createArena, type Arena } from './arena.ts';
import { NODE_BYTES } from '../forest-file.ts';
import type { Kernel } from '../kernel.ts';
import { fillTargets, LEARNING_BLOCK_ROWS, measureErrors, planLearning } from './learning-memory.ts';
import { linkedBytes } from './scoring-memory.ts';
import type { OutOfBagJob, OutOfBagLayout, OutOfBagSlot } from '../threads/thread-jobs.ts';

/** A few milliseconds of the main thread. */
const ROWS_AT_A_TIME = 131_072;

interface ForestSize {
  readonly trees: number;
  /** Nodes of the largest tree. */
  readonly largestTree: number;
}

export function planOutOfBag(
  rows: number,
  features: number,
  { trees, largestTree }: ForestSize,
  slots: number,
): { readonly arena: Arena; readonly layout: OutOfBagLayout } {
  const arena = createArena();
  const layout: OutOfBagLayout = {
    rows,
    features,
    x: arena.take(rows * (features + 1) * 8),
    sums: arena.take(rows * 8),
    votes: arena.take(rows * 4),
    learning: planLearning(arena, rows, trees),
    slots: Array.from({ length: slots }, () => ({
      tree: arena.take(largestTree * NODE_BYTES),
      linked: arena.take(linkedBytes(largestTree)),
      places: arena.take(largestTree * 4),
      counts: arena.take(rows * 4),
      chosen: arena.take((rows + 1) * 4),
    })),
  };
  return { arena, layout };
}

export async function createOutOfBagMemory(
  set: TrainingSet,
  forest: ForestSize,
  slots: number,
): Promise<{ memory: WebAssembly.Memory; layout: OutOfBagLayout }> {
  const { columns } = set;
  const rows = set.targets.length;
  const features = columns.length;
  const { arena, layout } = planOutOfBag(rows, features, forest, slots);
  if (!arena.fits()) {
    const got = `${rows} rows × ${features} features`;
    throw new TrainingError({
      what: 'too many rows for an out-of-bag score',
      expected: 'at most 4 GiB',
      got,
    });
  }
  const memory = allocate(arena);
  const width = features + 1;
  const x = new Float64Array(memory.buffer, layout.x, rows * width);
  for (let row = 0; row < rows; row += 1) x[row * width + features] = Number.NaN;
  for (const [feature, column] of columns.entries()) {
    for (let from = 0; from < rows; from += ROWS_AT_A_TIME) {
      await setImmediate();
      const to = Math.min(rows, from + ROWS_AT_A_TIME);
      for (let row = from; row < to; row += 1) x[row * width + feature] = column[row] as number;
    }
  }
  fillTargets(memory, layout.learning, set);
  return { memory, layout };
}

export function addOutOfBagRows(kernel: Kernel, job: OutOfBagJob): void {
  const { memory, layout, slot, fromBlock, toBlock, seed, nodes, nodeCounts } = job;
  const { tree, linked, places, counts, chosen } = layout.slots[slot] as OutOfBagSlot;
  const bytes = new Uint8Array(memory.buffer);
  const { x, features, rows, sums, votes, learning } = layout;
  const from = fromBlock * LEARNING_BLOCK_ROWS;
  const to = Math.min(rows, toBlock * LEARNING_BLOCK_ROWS);
  let start = 0;
  nodeCounts.forEach((count, index) => {
    bytes.set(nodes.subarray(start, start + count * NODE_BYTES), tree);
    start += count * NODE_BYTES;
    const root = kernel.linkTree(tree, count, features, linked, places);
    kernel.addOutOfBag(root, seed, index, x, features, rows, from, to, counts, chosen, sums, votes);
    const checkpoint = learning.checkpoints.indexOf(index + 1);
    if (checkpoint >= 0) measureErrors(memory, learning, checkpoint, layout, [fromBlock, toBlock]);
  });
}

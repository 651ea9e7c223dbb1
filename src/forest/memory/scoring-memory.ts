import { TrainingError } from '../../domain/errors.ts';
import { allocate, createArena } from './arena.ts';
import { NODE_BYTES, type Forest } from '../forest-file.ts';
import { instantiateKernel, type Kernel } from '../kernel.ts';

/** Addresses of a loaded forest and of the row blocks. */
export interface ScoringLayout {
  readonly features: number;
  readonly trees: number;
  readonly starts: number;
  readonly blockRows: number;
  /** One per thread; the last is for the main thread. */
  readonly slots: readonly { readonly x: number; readonly chosen: number; readonly out: number }[];
}

/** A block of rows and one tree fit into a core's second-level cache. */
const BLOCK_BYTES = 262_144;
const MAX_BLOCK_ROWS = 4096;
/** The kernel walks this many rows at a time. */
const LANES = 8;

export function createScoringMemory(
  forest: Forest,
  slots: number,
): { memory: WebAssembly.Memory; layout: ScoringLayout; kernel: Kernel } {
  const { features, trees } = forest;
  const arena = createArena();
  const linked = arena.take(forest.nodeCounts.reduce((sum, count) => sum + linkedBytes(count), 0));
  const starts = arena.take(trees * 4);
  const fitting = Math.floor(BLOCK_BYTES / ((features + 1) * 8));
  const blockRows = Math.max(LANES, Math.min(MAX_BLOCK_ROWS, fitting));
  const layout: ScoringLayout = {
    features,
    trees,
    starts,
    blockRows,
    slots: Array.from({ length: slots }, () => ({
      x: arena.take(blockRows * (features + 1) * 8),
      chosen: arena.take(blockRows * 4),
      out: arena.take(blockRows * 8),
    })),
  };
  const largest = forest.nodeCounts.reduce((max, count) => Math.max(max, count), 0);
  const tree = arena.take(largest * NODE_BYTES);
  const places = arena.take(largest * 4);
  if (!arena.fits()) {
    throw new TrainingError({
      what: 'the forest is too large to score with',
      expected: 'at most 4 GiB',
      got: `${forest.nodeCount} nodes`,
    });
  }
  const memory = allocate(arena);
  const kernel = instantiateKernel(memory);
  const roots = new Uint32Array(memory.buffer, starts, trees);
  const staged = new Float64Array(memory.buffer, tree, largest * 2);
  let free = linked;
  forest.nodeCounts.forEach((count, index) => {
    const start = forest.starts[index] as number;
    staged.set(forest.values.subarray(start * 2, (start + count) * 2));
    roots[index] = kernel.linkTree(tree, count, features, free, places);
    free += linkedBytes(count);
  });
  return { memory, layout, kernel };
}

/** The kernel leaves the first node empty and stores children in pairs. */
export function linkedBytes(nodes: number): number {
  return Math.ceil((nodes + 1) / 2) * 2 * NODE_BYTES;
}

interface Scorer {
  readonly kernel: Kernel;
  readonly memory: WebAssembly.Memory;
  readonly layout: ScoringLayout;
  readonly slot: number;
}

/**
 * @param columns     f64[features][rows]
 * @param predictions f64[rows]: the block's entries are overwritten
 */
export function predictBlock(
  { kernel, memory, layout, slot }: Scorer,
  columns: Float64Array,
  predictions: Float64Array,
  block: number,
): void {
  const { features, blockRows } = layout;
  const { x, chosen, out } = layout.slots[slot] as ScoringLayout['slots'][number];
  const total = predictions.length;
  const from = block * blockRows;
  const rows = Math.min(blockRows, total - from);
  const width = features + 1;
  const xs = new Float64Array(memory.buffer, x, rows * width);
  for (let row = 0; row < rows; row += 1) xs[row * width + features] = Number.NaN;
  for (let feature = 0; feature < features; feature += 1) {
    const column = feature * total + from;
    for (let row = 0; row < rows; row += 1) xs[row * width + feature] = columns[column + row] as number;
  }
  kernel.predict(layout.starts, layout.trees, x, features, rows, chosen, out);
  predictions.set(new Float64Array(memory.buffer, out, rows), from);
}

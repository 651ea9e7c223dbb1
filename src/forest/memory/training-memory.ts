import { setImmediate } from 'node:timers/promises';
import type { TrainingSet } from '../../activities/training/forest-engine.ts';
import { DatasetError } from '../../domain/errors.ts';
import { allocate, createArena, type Arena } from './arena.ts';
import { NODE_BYTES } from '../forest-file.ts';
import type { Kernel } from '../kernel.ts';
import { toTargetUnits, type TargetUnits } from '../target-units.ts';

/** Addresses and sizes of a training; every thread receives a copy. */
export interface TrainingLayout {
  readonly rows: number;
  readonly features: number;
  readonly columns: number;
  readonly targets: number;
  readonly dataset: readonly number[];
  readonly control: number;
  readonly scratch: readonly ScratchLayout[];
}

interface ScratchLayout {
  readonly start: number;
  readonly counts: number;
  readonly bag: number;
  readonly weights: number;
  readonly nodes: number;
  readonly importances: number;
  readonly segment: readonly number[];
  readonly sides: number;
  readonly exact: readonly number[];
  readonly large: readonly number[];
  readonly refine: readonly [gathered: number, spare: number, counts: number];
}

export interface TrainingMemory {
  readonly memory: WebAssembly.Memory;
  readonly layout: TrainingLayout;
  readonly units: Omit<TargetUnits, 'units'>;
}

/** As in `assembly/dataset.ts`. */
const EXACT_ROWS = 4096;
/** Row numbers in a presorted order have 16 bits; a bag of more rows never fits into one exact node. */
const PRESORTED_ROWS = 8192;
const ORDER_PADDING_BYTES = 256;
/** A tree has fewer than two nodes for each row. */
const NODE_PLACE_BYTES = 2 * NODE_BYTES;
/** As in `assembly/large.ts`. */
const LARGE_ENTRY_BYTES = 48;

/**
 * Lays out and fills the memory of a training: 21 bytes per value shared by all threads, and for each thread about
 * 130 bytes per row and 32 kB per feature. Uses as many threads as fit, at most `threads`.
 *
 * @throws DatasetError when 4 GiB are not enough for one thread
 */
export async function createTrainingMemory(set: TrainingSet, threads: number): Promise<TrainingMemory> {
  const rows = set.targets.length;
  const features = set.columns.length;
  const plan = planTraining(rows, features, threads);
  if (plan === undefined) {
    throw new DatasetError({
      what: 'the training set is too large for one training',
      expected: 'at most 4 GiB of working memory: about 150 million values, 13,000 features of 4,096 rows',
      got: `${rows} rows × ${features} features`,
      hint: 'Train on fewer features (dataset.features) or fewer rows (forest.maxRows)',
    });
  }
  const { layout, arena } = plan;
  const memory = allocate(arena);
  const { units, ...scale } = toTargetUnits(set.targets);
  for (const [feature, column] of set.columns.entries()) {
    new Float64Array(memory.buffer, layout.columns + feature * rows * 8, rows).set(column);
    await setImmediate();
  }
  new Float64Array(memory.buffer, layout.targets, rows).set(units);
  return { memory, layout, units: scale };
}

/** @returns undefined when 4 GiB are not enough for one thread */
export function planTraining(
  rows: number,
  features: number,
  threads: number,
): { readonly layout: TrainingLayout; readonly arena: Arena } | undefined {
  const arena = createArena();
  const shared = planShared(arena, rows, features);
  for (let count = threads; count >= 1; count -= 1) {
    const attempt = createArena();
    attempt.take(arena.bytes());
    const scratch = Array.from({ length: count }, () => planScratch(attempt, rows, features));
    if (attempt.fits()) return { layout: { rows, features, ...shared, scratch }, arena: attempt };
  }
  return undefined;
}

/**
 * What a plan's memory holds of pages that are written. A tree's nodes and the stack of its large nodes have places for
 * the worst case.
 */
export function writtenBytes(
  { layout, arena }: NonNullable<ReturnType<typeof planTraining>>,
  treeNodes: number,
): number {
  const nodes = Math.max(0, layout.rows * NODE_PLACE_BYTES - treeNodes * NODE_BYTES);
  const stack = layout.rows > EXACT_ROWS ? layout.rows * LARGE_ENTRY_BYTES : 0;
  return arena.bytes() - layout.scratch.length * (nodes + stack);
}

function planShared(arena: Arena, rows: number, features: number) {
  const cells = rows * features;
  const control = arena.take(64);
  const columns = arena.take(cells * 8);
  const targets = arena.take(rows * 8);
  const ranks = arena.take(cells * 4);
  const distinct = arena.take(cells * 8);
  const distinctCounts = arena.take(features * 4);
  const order = rows <= PRESORTED_ROWS ? arena.take(cells * 2) : 0;
  const binned = rows > EXACT_ROWS;
  const bins = binned ? arena.take(cells) : 0;
  const binUppers = binned ? arena.take(features * 1024) : 0;
  const binCounts = binned ? arena.take(features * 4) : 0;
  const sorted = [ranks, distinct, distinctCounts, order, bins, binUppers, binCounts];
  return { control, columns, targets, dataset: [rows, features, columns, targets, ...sorted, control] };
}

function planScratch(arena: Arena, rows: number, features: number): ScratchLayout {
  const exactRows = Math.min(rows, EXACT_ROWS);
  const histograms = rows > EXACT_ROWS ? Math.floor(rows / EXACT_ROWS) + 2 : 0;
  const start = arena.bytes();
  const counts = arena.take(rows * 4);
  const bag = arena.take((rows + 1) * 4);
  const weights = arena.take(rows * 16);
  const nodes = arena.take(rows * NODE_PLACE_BYTES);
  const importances = arena.take(features * 8);
  const entries = arena.take(exactRows * 16);
  const units = arena.take(exactRows * 8);
  const orders = arena.take(2 * features * (exactRows * 2 + ORDER_PADDING_BYTES) + ORDER_PADDING_BYTES);
  const sortScratch = arena.take(EXACT_ROWS * 16 + 2048 * 4);
  const places = arena.take(rows * 2);
  const sides = arena.take(EXACT_ROWS);
  const varying = arena.take((exactRows + 2) * features * 2);
  const varyingCounts = arena.take((exactRows + 2) * 4);
  const drawn = arena.take(features * 2);
  const exactStack = arena.take((exactRows + 2) * 32);
  const spare = arena.take((rows + 1) * 4);
  const free = arena.take(histograms * 4);
  const histogramsAt = arena.take(histograms * features * 4096);
  const largeStack = arena.take(histograms === 0 ? 0 : (rows + 2) * LARGE_ENTRY_BYTES);
  const gatheredBytes = histograms === 0 ? 0 : (rows + 1) * 8;
  return {
    start,
    counts,
    bag,
    weights,
    nodes,
    importances,
    segment: [entries, units, orders, sortScratch, places],
    sides,
    exact: [varying, varyingCounts, drawn, exactStack],
    refine: [arena.take(gatheredBytes), arena.take(gatheredBytes), arena.take(2048 * 4)],
    large: [spare, free, histogramsAt, histograms, varying, drawn, largeStack],
  };
}

/** Passes the addresses to a thread's kernel. */
export function useTrainingMemory(kernel: Kernel, layout: TrainingLayout, thread: number): ScratchLayout {
  const scratch = layout.scratch[thread] as ScratchLayout;
  kernel.useDataset(...layout.dataset);
  kernel.useBagScratch(scratch.counts, scratch.bag, scratch.weights);
  kernel.useSegmentScratch(...scratch.segment);
  kernel.usePartitionScratch(scratch.sides);
  kernel.useExactScratch(...scratch.exact);
  kernel.useLargeScratch(...scratch.large);
  kernel.useRefineScratch(...scratch.refine);
  return scratch;
}

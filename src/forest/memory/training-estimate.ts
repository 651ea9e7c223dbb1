import type { TrainingSize } from '../../activities/training/forest-engine.ts';
import type { GrowthParams } from '../../domain/model/model.ts';
import { NODE_BYTES } from '../forest-file.ts';
import { planOutOfBag } from './out-of-bag-memory.ts';
import { planTraining, writtenBytes } from './training-memory.ts';

/** What a training needs, in bytes. Upper bounds: pure leaves end a tree earlier. */
export interface TrainingEstimate {
  /** Nodes of one tree. */
  readonly treeNodes: number;
  /** The model: its file, and about twice as much while it scores. */
  readonly model: number;
  /** The most that the process has at any time. */
  readonly peak: number;
}

/** The program itself, its libraries, and its caches. */
const PROCESS_BYTES = 300e6;
/** Share of distinct rows in a bag: 1 − 1/e is 0.632, and varies little. */
const BAG_SHARE = 0.64;
/** The trees of the threads, joined, joined with those of other shards, and in the model's file. */
const FOREST_COPIES = 4;

/** @returns undefined when the training, or its out-of-bag predictions, cannot have 4 GiB of WebAssembly memory */
export function estimateTraining(
  { rows, features }: TrainingSize,
  params: Pick<GrowthParams, 'trees' | 'maxDepth' | 'minLeafRows'>,
  threads: number,
): TrainingEstimate | undefined {
  const { trees } = params;
  const treeNodes = mostNodes(rows, params);
  const training = planTraining(rows, features, threads);
  const outOfBag = planOutOfBag(rows, features, { trees, largestTree: treeNodes }, threads);
  if (!training || !outOfBag.arena.fits()) return undefined;
  const set = rows * (features + 1) * 8;
  const model = trees * treeNodes * NODE_BYTES;
  // Both are counted, because the garbage collector may free the first after the second was allocated.
  const working = writtenBytes(training, treeNodes) + outOfBag.arena.bytes();
  const peak = PROCESS_BYTES + set + working + FOREST_COPIES * model;
  return { treeNodes, model, peak };
}

/** A leaf has at least one distinct row of the bag and `minLeafRows` of its draws. */
function mostNodes(
  rows: number,
  { maxDepth = Infinity, minLeafRows }: Pick<GrowthParams, 'maxDepth' | 'minLeafRows'>,
): number {
  const distinct = Math.min(rows, Math.ceil(rows * BAG_SHARE) + 10);
  const leaves = Math.max(1, Math.min(2 ** maxDepth, distinct, Math.floor(rows / minLeafRows)));
  return 2 * leaves - 1;
}

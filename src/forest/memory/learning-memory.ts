import type { TrainingSet } from '../../activities/training/forest-engine.ts';
import { learningCheckpoints, type LearningPoint } from '../../domain/model/learning-curve.ts';
import type { Arena } from './arena.ts';

/**
 * Errors are added up within blocks of rows, then over the blocks in order, so that sums do not depend on the number of
 * threads.
 */
export const LEARNING_BLOCK_ROWS = 64;

/** Addresses for the out-of-bag errors of the first trees of a forest. */
export interface LearningLayout {
  /** Growing numbers of trees, all below that of the forest. */
  readonly checkpoints: readonly number[];
  readonly blocks: number;
  /** f64[rows] */
  readonly targets: number;
  /** f64[checkpoints][blocks]: sum of squared errors */
  readonly squared: number;
  /** u32[checkpoints][blocks]: rows that at least one bag lacks */
  readonly seen: number;
}

export function planLearning(arena: Arena, rows: number, trees: number): LearningLayout {
  const checkpoints = learningCheckpoints(trees).filter((checkpoint) => checkpoint < trees);
  const blocks = Math.ceil(rows / LEARNING_BLOCK_ROWS);
  return {
    checkpoints,
    blocks,
    targets: arena.take(rows * 8),
    squared: arena.take(checkpoints.length * blocks * 8),
    seen: arena.take(checkpoints.length * blocks * 4),
  };
}

export function fillTargets(
  { buffer }: WebAssembly.Memory,
  { targets }: LearningLayout,
  set: TrainingSet,
): void {
  new Float64Array(buffer, targets, set.targets.length).set(set.targets);
}

interface Votes {
  /** f64[rows] */
  readonly sums: number;
  /** u32[rows] */
  readonly votes: number;
  readonly rows: number;
}

/** Errors of the trees so far on the rows of blocks [from, to). */
export function measureErrors(
  { buffer }: WebAssembly.Memory,
  layout: LearningLayout,
  checkpoint: number,
  { sums: sumsAt, votes: votesAt, rows }: Votes,
  [from, to]: readonly [number, number],
): void {
  const targets = new Float64Array(buffer, layout.targets, rows);
  const sums = new Float64Array(buffer, sumsAt, rows);
  const votes = new Uint32Array(buffer, votesAt, rows);
  const squared = new Float64Array(buffer, layout.squared + checkpoint * layout.blocks * 8, layout.blocks);
  const seen = new Uint32Array(buffer, layout.seen + checkpoint * layout.blocks * 4, layout.blocks);
  for (let block = from; block < to; block += 1) {
    const end = Math.min(rows, (block + 1) * LEARNING_BLOCK_ROWS);
    let sum = 0;
    let count = 0;
    for (let row = block * LEARNING_BLOCK_ROWS; row < end; row += 1) {
      const vote = votes[row] as number;
      if (vote === 0) continue;
      const error = (targets[row] as number) - (sums[row] as number) / vote;
      sum += error * error;
      count += 1;
    }
    squared[block] = sum;
    seen[block] = count;
  }
}

export function readLearning({ buffer }: WebAssembly.Memory, layout: LearningLayout): LearningPoint[] {
  const { checkpoints, blocks } = layout;
  const total = (values: Float64Array | Uint32Array): number => {
    let sum = 0;
    for (const value of values) sum += value;
    return sum;
  };
  return checkpoints.flatMap((trees, i) => {
    const rows = total(new Uint32Array(buffer, layout.seen + i * blocks * 4, blocks));
    if (rows === 0) return [];
    const squared = total(new Float64Array(buffer, layout.squared + i * blocks * 8, blocks));
    return [{ trees, rmse: Math.sqrt(squared / rows) }];
  });
}

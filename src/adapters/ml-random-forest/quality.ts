import type { GrownForest, TrainingSet } from '../../activities/training/forest-engine.ts';
import { learningCheckpoints, type LearningPoint } from '../../domain/model/learning-curve.ts';
import type { FlatTree } from './tree.ts';

/** What the trees of a forest say about the rows they were grown from; the package computes neither reliably. */
export interface ForestQuality {
  /** @param weights by row: how often it is in the tree's bag */
  add(tree: FlatTree, weights: Uint32Array): void;
  result(): Omit<GrownForest, 'bytes'>;
}

/** @param trees of the whole forest */
export function createForestQuality({ columns, targets }: TrainingSet, trees: number): ForestQuality {
  const predictions = new Float64Array(targets.length);
  const votes = new Uint32Array(targets.length);
  const importances = new Float64Array(columns.length);
  const checkpoints = new Set(learningCheckpoints(trees).filter((checkpoint) => checkpoint < trees));
  const learning: LearningPoint[] = [];
  let added = 0;

  /** Drops every row through the tree: rows of the bag leave their targets in each node, the others ask its leaf. */
  function dropRows({ values, words }: FlatTree, weights: Uint32Array) {
    const counts = new Float64Array(values.length / 2);
    const sums = new Float64Array(counts.length);
    targets.forEach((target, row) => {
      const weight = weights[row] as number;
      let node = 0;
      for (;;) {
        counts[node] = (counts[node] as number) + weight;
        sums[node] = (sums[node] as number) + weight * target;
        const right = words[node * 4 + 2] as number;
        if (right === 0) break;
        const value = columns[words[node * 4 + 3] as number]?.[row] as number;
        node = value <= (values[node * 2] as number) ? node + 1 : right;
      }
      if (weight > 0) return;
      predictions[row] = (predictions[row] as number) + (values[node * 2] as number);
      votes[row] = (votes[row] as number) + 1;
    });
    return { counts, sums };
  }

  function lookBack(): void {
    let squared = 0;
    let rows = 0;
    targets.forEach((target, row) => {
      const vote = votes[row] as number;
      if (vote === 0) return;
      squared += (target - (predictions[row] as number) / vote) ** 2;
      rows += 1;
    });
    if (rows > 0) learning.push({ trees: added, rmse: Math.sqrt(squared / rows) });
  }

  return {
    add(tree, weights) {
      const { counts, sums } = dropRows(tree, weights);
      const decreases = new Float64Array(columns.length);
      for (let node = 0; node < counts.length; node += 1) {
        const right = tree.words[node * 4 + 2] as number;
        if (right === 0) continue;
        const feature = tree.words[node * 4 + 3] as number;
        const decrease = decreaseOf(counts, sums, node + 1, right);
        decreases[feature] = (decreases[feature] as number) + decrease;
      }
      addShares(importances, decreases);
      added += 1;
      if (checkpoints.has(added)) lookBack();
    },
    result: () => ({
      // 0 / 0 is NaN, as promised for rows in every bag.
      outOfBagPredictions: predictions.map((sum, row) => sum / (votes[row] as number)),
      learning,
      importances: [...addShares(new Float64Array(columns.length), importances)],
    }),
  };
}

/**
 * Squared error of a node less that of its children. Written as a difference of means it is never negative, as the
 * difference of three rounded errors can be.
 */
function decreaseOf(counts: Float64Array, sums: Float64Array, left: number, right: number): number {
  const leftRows = counts[left] as number;
  const rightRows = counts[right] as number;
  const apart = (sums[left] as number) / leftRows - (sums[right] as number) / rightRows;
  return ((leftRows * rightRows) / (leftRows + rightRows)) * apart ** 2;
}

/** Adds amounts scaled to a total of 1; nothing if all are 0. */
function addShares(to: Float64Array, amounts: Float64Array): Float64Array {
  const total = amounts.reduce((sum, amount) => sum + amount, 0);
  if (total > 0) amounts.forEach((amount, i) => (to[i] = (to[i] as number) + amount / total));
  return to;
}

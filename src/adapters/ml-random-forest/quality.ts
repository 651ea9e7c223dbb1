import type { GrownForest, TrainingSet } from '../../activities/training/forest-engine.ts';
import { learningCheckpoints, type LearningPoint } from '../../domain/model/learning-curve.ts';
import type { MlNode } from './tree.ts';

/** A tree of the package. */
export interface MlTree {
  readonly root: MlNode;
  /** The features that it drew: a node's column is an index into them. */
  readonly features: readonly number[];
  /** By row: how often it is in the bag. */
  readonly bag: Uint32Array;
}

/** Out-of-bag predictions, learning curve and importances, which the package does not compute reliably. */
export function measureForest(
  { columns, targets }: TrainingSet,
  trees: readonly MlTree[],
): Omit<GrownForest, 'bytes'> {
  const predictions = new Float64Array(targets.length);
  const votes = new Uint32Array(targets.length);
  const importances = new Float64Array(columns.length);
  const checkpoints = new Set(learningCheckpoints(trees.length).slice(0, -1));
  const learning: LearningPoint[] = [];
  const allRows = Array.from(targets, (_, row) => row);

  trees.forEach(({ root, features, bag }, tree) => {
    const decreases = new Float64Array(columns.length);
    // As deep as the package itself recursed to grow the tree.
    const visit = (node: MlNode, rows: readonly number[]): void => {
      if ('distribution' in node) {
        for (const row of rows) {
          if (bag[row] !== 0) continue;
          predictions[row] = (predictions[row] as number) + node.distribution;
          votes[row] = (votes[row] as number) + 1;
        }
        return;
      }
      const feature = features[node.splitColumn] as number;
      const column = columns[feature] as Float64Array;
      const left = rows.filter((row) => (column[row] as number) < node.splitValue);
      const right = rows.filter((row) => (column[row] as number) >= node.splitValue);
      const decrease = decreaseOf(meanOf(targets, bag, left), meanOf(targets, bag, right));
      decreases[feature] = (decreases[feature] as number) + decrease;
      visit(node.left, left);
      visit(node.right, right);
    };
    visit(root, allRows);
    addShares(importances, decreases);
    if (checkpoints.has(tree + 1)) learning.push(...learningPoint(tree + 1, targets, predictions, votes));
  });

  return {
    // 0 / 0 is NaN, as promised for rows in every bag.
    outOfBagPredictions: predictions.map((sum, row) => sum / (votes[row] as number)),
    learning,
    importances: [...addShares(new Float64Array(columns.length), importances)],
  };
}

interface Mean {
  readonly rows: number;
  readonly mean: number;
}

function meanOf(targets: Float64Array, bag: Uint32Array, rows: readonly number[]): Mean {
  let count = 0;
  let sum = 0;
  for (const row of rows) {
    const weight = bag[row] as number;
    count += weight;
    sum += weight * (targets[row] as number);
  }
  return { rows: count, mean: sum / count };
}

/**
 * Squared error of a node minus that of its children. Computed from the difference of the means, because the difference
 * of rounded errors can be negative.
 */
function decreaseOf(left: Mean, right: Mean): number {
  return ((left.rows * right.rows) / (left.rows + right.rows)) * (left.mean - right.mean) ** 2;
}

/** Adds amounts scaled to a total of 1; nothing if all are 0. */
function addShares(to: Float64Array, amounts: Float64Array): Float64Array {
  const total = amounts.reduce((sum, amount) => sum + amount, 0);
  if (total > 0) amounts.forEach((amount, i) => (to[i] = (to[i] as number) + amount / total));
  return to;
}

/** Nothing when every row was in every bag. */
function learningPoint(
  trees: number,
  targets: Float64Array,
  predictions: Float64Array,
  votes: Uint32Array,
): readonly LearningPoint[] {
  const rows = Array.from(targets, (_, row) => row).filter((row) => votes[row] !== 0);
  if (rows.length === 0) return [];
  const squared = rows.reduce((sum, row) => {
    const error = (targets[row] as number) - (predictions[row] as number) / (votes[row] as number);
    return sum + error ** 2;
  }, 0);
  return [{ trees, rmse: Math.sqrt(squared / rows.length) }];
}

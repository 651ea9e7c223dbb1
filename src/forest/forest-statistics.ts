import type { Forest } from './forest-file.ts';

/** The size of a forest. */
export interface ForestStatistics {
  readonly trees: number;
  readonly nodes: number;
  readonly leaves: number;
  /** Splits from a tree's root to its farthest leaf: 0 for a tree of one leaf, as scikit-learn's get_depth(). */
  readonly depth: { readonly max: number; readonly mean: number };
}

export function forestStatistics({ trees, nodeCount, nodeCounts, starts, words }: Forest): ForestStatistics {
  const depths = new Uint32Array(nodeCount);
  let leaves = 0;
  let deepest = 0;
  let sum = 0;
  starts.forEach((start, tree) => {
    const end = start + (nodeCounts[tree] as number);
    let treeDepth = 0;
    // In preorder a parent comes before its children: one pass, however deep the tree.
    for (let node = start; node < end; node += 1) {
      const depth = depths[node] as number;
      const right = words[node * 4 + 2] as number;
      treeDepth = Math.max(treeDepth, depth);
      if (right === 0) {
        leaves += 1;
        continue;
      }
      depths[node + 1] = depth + 1;
      depths[start + right] = depth + 1;
    }
    deepest = Math.max(deepest, treeDepth);
    sum += treeDepth;
  });
  return { trees, nodes: nodeCount, leaves, depth: { max: deepest, mean: trees === 0 ? 0 : sum / trees } };
}

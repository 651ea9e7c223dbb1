import type { ArtifactRef } from '../../domain/artifact.ts';
import { shardName } from '../../domain/names.ts';
import type { RatingTable } from '../../domain/dataset/rating-table.ts';
import { readJson, type ArtifactStore } from '../artifact-store.ts';
import { requireShardedTraining, type ForestEngine, type TreeRange } from './forest-engine.ts';
import { withHeartbeat } from '../heartbeat.ts';
import type { TrainForestInput } from './training.ts';

export interface GrowTreesInput extends TrainForestInput {
  readonly trees: TreeRange;
}

interface Deps {
  readonly artifacts: ArtifactStore;
  readonly engines: readonly ForestEngine[];
}

/** Grows one shard of a forest. A retry grows the same trees. */
export function createGrowTrees({ artifacts, engines }: Deps) {
  return async function growTrees({ run, table, forest, trees }: GrowTreesInput): Promise<ArtifactRef> {
    return withHeartbeat(async (signal, report) => {
      const set = await readJson<RatingTable>(artifacts, table);
      const onTrees = (treesDone: number): void => {
        report({ treesDone, trees: trees.count, firstTree: trees.first });
      };
      onTrees(0);
      const engine = requireShardedTraining(engines, forest.engine);
      const bytes = await engine.growTrees(set, forest, trees, { signal, onTrees });
      const name = shardName(trees.first);
      return artifacts.write({ run, name, extension: '.trees', bytes, rows: trees.count });
    });
  };
}

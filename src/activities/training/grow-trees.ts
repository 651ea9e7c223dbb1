import type { ArtifactRef } from '../../domain/artifact.ts';
import { shardName } from '../../domain/names.ts';
import type { ArtifactStore } from '../artifact-store.ts';
import type { Digests } from '../log/digests.ts';
import { requireShardedTraining, type ForestEngine, type TreeRange } from './forest-engine.ts';
import { withHeartbeat } from '../heartbeat.ts';
import type { Tables } from '../tables.ts';
import type { TrainForestInput } from './training.ts';
import { readRowsToTrainOn } from './training-set.ts';

export interface GrowTreesInput extends TrainForestInput {
  readonly trees: TreeRange;
}

interface Deps {
  readonly artifacts: ArtifactStore;
  readonly digests: Digests;
  readonly engines: readonly ForestEngine[];
  readonly tables: Tables;
}

/** Grows one shard of a forest. A retry grows the same trees. */
export function createGrowTrees({ artifacts, digests, engines, tables }: Deps) {
  return async function growTrees({ run, table, forest, trees }: GrowTreesInput): Promise<ArtifactRef> {
    return withHeartbeat(async (signal, report) => {
      const engine = requireShardedTraining(engines, forest.engine);
      const set = await readRowsToTrainOn({ tables, digests }, engine, table, forest);
      const onTrees = (treesDone: number): void => {
        report({ treesDone, trees: trees.count, firstTree: trees.first });
      };
      onTrees(0);
      const bytes = await engine.growTrees(set, forest, trees, { signal, onTrees });
      const name = shardName(trees.first);
      return artifacts.write({ run, name, extension: '.trees', bytes, rows: trees.count });
    });
  };
}

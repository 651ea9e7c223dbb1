import type { TrainForestResult } from '../../domain/run/step-results.ts';
import type { ArtifactStore } from '../artifact-store.ts';
import type { Digests } from '../log/digests.ts';
import { requireEngine, type ForestEngine } from './forest-engine.ts';
import { withHeartbeat } from '../heartbeat.ts';
import type { Tables } from '../tables.ts';
import { writeModel, type TrainForestInput } from './training.ts';
import { readRowsToTrainOn } from './training-set.ts';

interface Deps {
  readonly artifacts: ArtifactStore;
  readonly digests: Digests;
  readonly engines: readonly ForestEngine[];
  readonly tables: Tables;
}

/**
 * Grows the whole forest on the train split. Heartbeats carry the number of trees done. A retry grows the same forest,
 * because it depends on rows, parameters and seed alone.
 */
export function createTrainForest({ artifacts, digests, engines, tables }: Deps) {
  return async function trainForest(input: TrainForestInput): Promise<TrainForestResult> {
    const { forest } = input;
    return withHeartbeat(async (signal, report) => {
      const engine = requireEngine(engines, forest.engine);
      const set = await readRowsToTrainOn({ tables, digests }, engine, input.table, forest);
      const onTrees = (treesDone: number): void => {
        report({ treesDone, trees: forest.trees });
      };
      onTrees(0);
      return writeModel(artifacts, input, set, await engine.train(set, forest, { signal, onTrees }));
    });
  };
}

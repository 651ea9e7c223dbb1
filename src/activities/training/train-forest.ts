import type { RatingTable } from '../../domain/dataset/rating-table.ts';
import type { TrainForestResult } from '../../domain/run/step-results.ts';
import { readJson, type ArtifactStore } from '../artifact-store.ts';
import { requireEngine, type ForestEngine } from './forest-engine.ts';
import { withHeartbeat } from '../heartbeat.ts';
import { writeModel, type TrainForestInput } from './training.ts';

interface Deps {
  readonly artifacts: ArtifactStore;
  readonly engines: readonly ForestEngine[];
}

/**
 * Grows the whole forest on the train split. Heartbeats carry the number of trees done. A retry grows the same forest,
 * because it depends on rows, parameters and seed alone.
 */
export function createTrainForest({ artifacts, engines }: Deps) {
  return async function trainForest(input: TrainForestInput): Promise<TrainForestResult> {
    const { forest } = input;
    return withHeartbeat(async (signal, report) => {
      const table = await readJson<RatingTable>(artifacts, input.table);
      const engine = requireEngine(engines, forest.engine);
      const onTrees = (treesDone: number): void => {
        report({ treesDone, trees: forest.trees });
      };
      onTrees(0);
      return writeModel(artifacts, input, table, await engine.train(table, forest, { signal, onTrees }));
    });
  };
}

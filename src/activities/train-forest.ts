import type { ArtifactRef } from '../domain/artifact.ts';
import { encodeModel, type ForestModel } from '../domain/model.ts';
import type { ForestParams } from '../domain/pipeline-input.ts';
import type { RatingTable } from '../domain/rating-table.ts';
import { readJson, type ArtifactStore } from './artifact-store.ts';
import type { ForestEngine } from './forest-engine.ts';
import { withHeartbeat } from './heartbeat.ts';
import { requireEngine } from './model-cache.ts';

export interface TrainForestInput {
  readonly run: string;
  /** The train split. */
  readonly table: ArtifactRef;
  readonly forest: ForestParams;
}

interface Deps {
  readonly artifacts: ArtifactStore;
  readonly engines: readonly ForestEngine[];
}

const VERSION_DIGITS = 12;

/** Grows the forest on the train split. A retry grows the same forest: rows, parameters and seed decide it. */
export function createTrainForest({ artifacts, engines }: Deps) {
  return async function trainForest({ run, table, forest }: TrainForestInput): Promise<ForestModel> {
    return withHeartbeat(async (signal, report) => {
      const { features, target, columns, targets } = await readJson<RatingTable>(artifacts, table);
      report({ trees: forest.trees, rows: targets.length });
      const estimator = await requireEngine(engines, forest.engine).train(
        { columns, targets },
        forest,
        signal,
      );
      const about = { engine: forest.engine, features, target, trainingRows: targets.length };
      const bytes = encodeModel(
        { schema: 1, ...about, params: forest, datasetSha256: table.sha256 },
        estimator,
      );
      const artifact = await artifacts.write({
        run,
        name: 'model',
        extension: '.model',
        bytes,
        rows: forest.trees,
      });
      return { version: artifact.sha256.slice(0, VERSION_DIGITS), artifact, ...about };
    });
  };
}

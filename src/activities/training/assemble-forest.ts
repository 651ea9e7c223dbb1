import type { ArtifactRef } from '../../domain/artifact.ts';
import type { RatingTable } from '../../domain/dataset/rating-table.ts';
import type { TrainForestResult } from '../../domain/run/step-results.ts';
import { readJson, type ArtifactStore } from '../artifact-store.ts';
import { requireShardedTraining, type ForestEngine } from './forest-engine.ts';
import { withHeartbeat } from '../heartbeat.ts';
import { writeModel, type TrainForestInput } from './training.ts';

export interface AssembleForestInput extends TrainForestInput {
  /** Results of `growTrees`, in the order of their trees. */
  readonly parts: readonly ArtifactRef[];
}

interface Deps {
  readonly artifacts: ArtifactStore;
  readonly engines: readonly ForestEngine[];
}

/** Joins shards into the same model that one activity would have grown. A retry writes the same bytes. */
export function createAssembleForest({ artifacts, engines }: Deps) {
  return async function assembleForest(input: AssembleForestInput): Promise<TrainForestResult> {
    return withHeartbeat(async () => {
      const table = await readJson<RatingTable>(artifacts, input.table);
      const parts = await Promise.all(input.parts.map((part) => artifacts.read(part)));
      const engine = requireShardedTraining(engines, input.forest.engine);
      return writeModel(artifacts, input, table, await engine.assemble(parts, table, input.forest));
    });
  };
}

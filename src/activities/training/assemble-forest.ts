import type { ArtifactRef } from '../../domain/artifact.ts';
import type { TrainForestResult } from '../../domain/run/step-results.ts';
import type { ArtifactStore } from '../artifact-store.ts';
import type { Digests } from '../log/digests.ts';
import { requireShardedTraining, type ForestEngine } from './forest-engine.ts';
import { withHeartbeat } from '../heartbeat.ts';
import type { Tables } from '../tables.ts';
import { writeModel, type TrainForestInput } from './training.ts';
import { readRowsToTrainOn } from './training-set.ts';

export interface AssembleForestInput extends TrainForestInput {
  /** Results of `growTrees`, in the order of their trees. */
  readonly parts: readonly ArtifactRef[];
}

interface Deps {
  readonly artifacts: ArtifactStore;
  readonly digests: Digests;
  readonly engines: readonly ForestEngine[];
  readonly tables: Tables;
}

/** Joins shards into the same model that one activity would have grown. A retry writes the same bytes. */
export function createAssembleForest({ artifacts, digests, engines, tables }: Deps) {
  return async function assembleForest(input: AssembleForestInput): Promise<TrainForestResult> {
    return withHeartbeat(async () => {
      const engine = requireShardedTraining(engines, input.forest.engine);
      const set = await readRowsToTrainOn({ tables, digests }, engine, input.table, input.forest);
      const parts = await Promise.all(input.parts.map((part) => artifacts.read(part)));
      return writeModel(artifacts, input, set, await engine.assemble(parts, set, input.forest));
    });
  };
}

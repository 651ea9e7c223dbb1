import type { ArtifactRef } from '../../domain/artifact.ts';
import { planShards } from '../../domain/model/forest-shards.ts';
import type { ForestParams } from '../../domain/run/pipeline-input.ts';
import type { TrainForestResult } from '../../domain/run/step-results.ts';
import { training } from '../activities.ts';
import { rows } from '../labels.ts';

/**
 * One activity, or several that any workers take when the work is large. A lost worker costs its shard only; the
 * model is the same in any case.
 */
export async function train(
  run: string,
  table: ArtifactRef,
  forest: ForestParams,
): Promise<TrainForestResult> {
  const shards = planShards(forest, table.rows);
  if (shards.length === 1) {
    return training(`${forest.trees} trees on ${rows(table.rows)} rows`).trainForest({ run, table, forest });
  }
  const parts = await Promise.all(
    shards.map((trees) =>
      training(
        `trees ${trees.first + 1} to ${trees.first + trees.count} of ${forest.trees} on ${rows(table.rows)} rows`,
      ).growTrees({ run, table, forest, trees }),
    ),
  );
  return training(`${forest.trees} trees from ${shards.length} shards`).assembleForest({
    run,
    table,
    forest,
    parts,
  });
}

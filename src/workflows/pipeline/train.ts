import type { ArtifactRef } from '../../domain/artifact.ts';
import { planShards } from '../../domain/model/forest-shards.ts';
import { describeMetrics } from '../../domain/model/metrics.ts';
import type { ForestModel } from '../../domain/model/model.ts';
import type { ModelQuality, SplitDatasetResult, TrainForestResult } from '../../domain/run/step-results.ts';
import { rows } from '../labels.ts';
import type { Run } from './context.ts';

export interface Trained {
  readonly model: ForestModel;
  readonly quality: ModelQuality;
}

export async function train(run: Run, { splits }: SplitDatasetResult): Promise<Trained> {
  const { outOfBag, importances, learning, ...model } = await run.step('train', {
    call: () => growForest(run, splits.train),
    result: (trained) =>
      `model ${trained.version}, ${rows(trained.artifact.bytes)} bytes` +
      (trained.trainingRows < splits.train.rows ? `, from ${rows(trained.trainingRows)} sampled rows` : '') +
      (trained.outOfBag ? `; out of bag: ${describeMetrics(trained.outOfBag)}` : ''),
  });
  run.setAttributes({ ModelVersion: model.version });
  return { model, quality: { outOfBag, importances, learning } };
}

/**
 * One activity, or several that any workers take when the work is large. A lost worker costs its shard only; the
 * model is the same in any case.
 */
async function growForest(run: Run, table: ArtifactRef): Promise<TrainForestResult> {
  const {
    name,
    input: { forest },
  } = run;
  const trainingRows = Math.min(table.rows, forest.maxRows ?? table.rows);
  const onRows = `on ${rows(trainingRows)}${trainingRows < table.rows ? ` of ${rows(table.rows)}` : ''} rows`;
  const shards = planShards(forest, trainingRows);
  if (shards.length === 1) {
    return run.activities(`${forest.trees} trees ${onRows}`).trainForest({ run: name, table, forest });
  }
  const parts = await Promise.all(
    shards.map((trees) =>
      run
        .activities(`trees ${trees.first + 1} to ${trees.first + trees.count} of ${forest.trees} ${onRows}`)
        .growTrees({ run: name, table, forest, trees }),
    ),
  );
  return run.activities(`${forest.trees} trees from ${shards.length} shards`).assembleForest({
    run: name,
    table,
    forest,
    parts,
  });
}

import type { ArtifactRef } from '../../domain/artifact.ts';
import type { LearningPoint } from '../../domain/model/learning-curve.ts';
import { regressionMetrics } from '../../domain/model/metrics.ts';
import {
  encodeModel,
  modelVersion,
  topFeatures,
  type ForestModel,
  type OutOfBagScore,
} from '../../domain/model/model.ts';
import type { ForestParams } from '../../domain/run/pipeline-input.ts';
import type { RatingColumns } from '../dataset/rating-rows.ts';
import type { TrainForestResult } from '../../domain/run/step-results.ts';
import type { ArtifactStore } from '../artifact-store.ts';
import type { GrownForest } from './forest-engine.ts';

export interface TrainForestInput {
  readonly run: string;
  /** The train split. */
  readonly table: ArtifactRef;
  readonly forest: ForestParams;
}

/** Stores a forest as a model whose header says how it was trained. Equal forests give equal bytes, sharded or not. */
export async function writeModel(
  artifacts: ArtifactStore,
  { run, table, forest }: TrainForestInput,
  { schema: { features, target }, targets }: RatingColumns,
  { bytes: estimator, outOfBagPredictions, importances, learning }: GrownForest,
): Promise<TrainForestResult> {
  const { shards: _shards, ...params } = forest;
  const outOfBag = outOfBagScore(targets, outOfBagPredictions);
  const about = { engine: forest.engine, features, target, trainingRows: targets.length };
  const header = { schema: 1, ...about, params, datasetSha256: table.sha256, outOfBag, importances } as const;
  const artifact = await artifacts.write({
    run,
    name: 'model',
    extension: '.model',
    bytes: encodeModel(header, estimator),
    rows: forest.trees,
  });
  const model: ForestModel = { version: modelVersion(artifact.sha256), artifact, ...about };
  return {
    ...model,
    outOfBag,
    importances: topFeatures(features, importances),
    learning: toWhole(learning, forest.trees, outOfBag),
  };
}

function toWhole(
  learning: readonly LearningPoint[],
  trees: number,
  outOfBag: OutOfBagScore | null,
): readonly LearningPoint[] {
  return outOfBag === null ? learning : [...learning, { trees, rmse: outOfBag.rmse }];
}

function outOfBagScore(targets: Float64Array, predictions: Float64Array): OutOfBagScore | null {
  const actual = new Float64Array(targets.length);
  const predicted = new Float64Array(targets.length);
  let rows = 0;
  for (const [row, prediction] of predictions.entries()) {
    if (Number.isNaN(prediction)) continue;
    actual[rows] = targets[row] as number;
    predicted[rows] = prediction;
    rows += 1;
  }
  if (rows === 0) return null;
  return { rows, ...regressionMetrics(actual.subarray(0, rows), predicted.subarray(0, rows)) };
}

import type { ArtifactRef } from '../../domain/artifact.ts';
import { regressionMetrics } from '../../domain/model/metrics.ts';
import { columnsFor } from '../../domain/model/features.ts';
import { SHOWN_FEATURES, type ForestModel } from '../../domain/model/model.ts';
import {
  permutationImportance,
  PERMUTATION_REPEATS,
  shuffledColumns,
  type PermutationImportance,
} from '../../domain/model/permutation-importance.ts';
import type { ForestParams } from '../../domain/run/pipeline-input.ts';
import type { ConsumedBatch } from '../../domain/log/prediction.ts';
import type { CheckDatasetResult, EvaluateModelResult } from '../../domain/run/step-results.ts';
import { readJson, writeJson, type ArtifactStore } from '../artifact-store.ts';
import type { DataFrames } from '../dataset/data-frames.ts';
import type { Predictor } from './forest-engine.ts';
import { withHeartbeat } from '../heartbeat.ts';
import type { LoadModel } from './model-cache.ts';
import { toColumns } from './predict-rows.ts';

export interface EvaluateModelInput {
  readonly run: string;
  readonly model: ForestModel;
  readonly forest: ForestParams;
  /** The batch split as read back from the topic; every row has a known target. */
  readonly rows: ArtifactRef;
  /** Of the rows that the model was trained from. */
  readonly checked: CheckDatasetResult;
}

interface Deps {
  readonly artifacts: ArtifactStore;
  readonly frames: DataFrames;
  readonly loadModel: LoadModel;
}

interface ScoredRows {
  readonly features: readonly string[];
  readonly columns: readonly (readonly number[])[];
  readonly actual: readonly number[];
}

/** Scores the batch split and writes the model card. A retry writes the same card. */
export function createEvaluateModel({ artifacts, frames, loadModel }: Deps) {
  return async function evaluateModel({
    run,
    model,
    forest,
    rows,
    checked: { profile, drift },
  }: EvaluateModelInput): Promise<EvaluateModelResult> {
    return withHeartbeat(async (signal, report) => {
      const batch = await readJson<ConsumedBatch>(artifacts, rows);
      const loaded = await loadModel(model);
      const { predictor } = loaded;
      const scored: ScoredRows = {
        features: loaded.features,
        columns: columnsFor(loaded, batch.features, toColumns(frames, batch)),
        actual: batch.rows.map(({ actual }) => actual ?? Number.NaN),
      };
      const metrics = regressionMetrics(
        scored.actual,
        Array.from(await predictor.predict(scored.columns.map((column) => Float64Array.from(column)))),
      );
      const permutation = await permute(predictor, scored, metrics.r2, forest.seed, (features) => {
        signal.throwIfAborted();
        report({ features, of: scored.features.length });
      });
      const card = {
        model,
        params: forest,
        trainedFrom: { profile, drift },
        evaluatedOn: { rows: batch.rows.length, sha256: rows.sha256 },
        metrics,
        permutationImportances: permutation,
      };
      return {
        metrics,
        permutationImportances: permutation.slice(0, SHOWN_FEATURES),
        card: await writeJson(artifacts, run, 'model-card', batch.rows.length, card),
      };
    });
  };
}

/** Most important first. The rows of all repeats are scored together. */
async function permute(
  predictor: Predictor,
  { features, columns, actual }: ScoredRows,
  baseline: number,
  seed: number,
  onFeature: (done: number) => void,
): Promise<readonly PermutationImportance[]> {
  const repeated = columns.map((column) =>
    Float64Array.from(Array.from({ length: PERMUTATION_REPEATS }, () => column).flat()),
  );
  const found: PermutationImportance[] = [];
  for (const [index, feature] of features.entries()) {
    // Small predictions block this thread; heartbeats and other activities must run in between.
    await new Promise((resolve) => setImmediate(resolve));
    onFeature(index);
    const shuffled = Float64Array.from(shuffledColumns(columns[index] ?? [], seed, index).flat());
    const predicted = Array.from(await predictor.predict(repeated.with(index, shuffled)));
    const repeats = Array.from({ length: PERMUTATION_REPEATS }, (_, repeat) =>
      predicted.slice(repeat * actual.length, (repeat + 1) * actual.length),
    );
    found.push(permutationImportance(feature, actual, repeats, baseline));
  }
  return found.sort((a, b) => b.mean - a.mean);
}

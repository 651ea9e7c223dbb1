import type { ArtifactRef } from '../../domain/artifact.ts';
import { drawRows } from '../../domain/model/draws.ts';
import { metricIntervals } from '../../domain/model/metric-intervals.ts';
import { regressionMetrics } from '../../domain/model/metrics.ts';
import { SHOWN_FEATURES, type ForestModel } from '../../domain/model/model.ts';
import {
  permutationImportance,
  permutationRows,
  shuffledColumns,
  type PermutationImportance,
} from '../../domain/model/permutation-importance.ts';
import { gather } from '../../domain/order.ts';
import type { ForestParams } from '../../domain/run/pipeline-input.ts';
import type { CheckDatasetResult, EvaluateModelResult } from '../../domain/run/step-results.ts';
import { writeJson, type ArtifactStore } from '../artifact-store.ts';
import { pause, withHeartbeat } from '../heartbeat.ts';
import type { Tables } from '../tables.ts';
import type { LoadedModel, LoadModel } from './model-cache.ts';
import { scoreAll, takeFeatures } from './score-rows.ts';

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
  readonly tables: Tables;
  readonly loadModel: LoadModel;
}

/** Other random numbers than those that shuffle a feature, whose streams are counted from 0. */
const SAMPLE_STREAM = -1;

/**
 * Scores the batch split and writes the model card. The metrics are of all rows, the permutation importances of a
 * sample if there are many. A retry writes the same card.
 */
export function createEvaluateModel({ artifacts, tables, loadModel }: Deps) {
  return async function evaluateModel({
    run,
    model,
    forest,
    rows,
    checked: { profile, drift },
  }: EvaluateModelInput): Promise<EvaluateModelResult> {
    return withHeartbeat(async (signal, report) => {
      const loaded = await loadModel(model);
      const { actual, predicted } = await scoreAll(tables, rows, loaded);
      const metrics = regressionMetrics(actual, predicted);
      const intervals = await metricIntervals(actual, predicted, forest.seed, pause);
      const sample = drawRows(rows.rows, permutationRows(loaded.features.length), forest.seed, SAMPLE_STREAM);
      const permutation = await permute(
        loaded,
        {
          columns: await takeFeatures(tables, rows, loaded.features, sample),
          actual: gather(actual, sample),
          predicted: gather(predicted, sample),
        },
        forest.seed,
        (features) => {
          signal.throwIfAborted();
          report({ features, of: loaded.features.length });
        },
      );
      const card = {
        model,
        params: forest,
        trainedFrom: { profile, drift },
        evaluatedOn: { rows: rows.rows, sha256: rows.sha256 },
        metrics,
        intervals,
        permutationRows: sample.length,
        permutationImportances: permutation,
      };
      return {
        metrics,
        intervals,
        permutationImportances: permutation.slice(0, SHOWN_FEATURES),
        card: await writeJson(artifacts, run, 'model-card', rows.rows, card),
      };
    });
  };
}

interface Sample {
  /** One per feature. */
  readonly columns: readonly Float64Array[];
  readonly actual: Float64Array;
  readonly predicted: Float64Array;
}

/** Most important first. */
async function permute(
  { predictor, features }: LoadedModel,
  { columns, actual, predicted }: Sample,
  seed: number,
  onFeature: (done: number) => void,
): Promise<readonly PermutationImportance[]> {
  const baseline = regressionMetrics(actual, predicted).r2;
  const found: PermutationImportance[] = [];
  for (const [index, feature] of features.entries()) {
    onFeature(index);
    const scores: number[] = [];
    for (const shuffled of shuffledColumns(columns[index] as Float64Array, seed, index)) {
      // A small prediction blocks this thread.
      await pause();
      const without = await predictor.predict(columns.with(index, shuffled));
      scores.push(regressionMetrics(actual, without).r2);
    }
    found.push(permutationImportance(feature, scores, baseline));
  }
  return found.sort((a, b) => b.mean - a.mean);
}

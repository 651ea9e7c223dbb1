import type { ArtifactRef } from '../domain/artifact.ts';
import { regressionMetrics } from '../domain/metrics.ts';
import type { ForestModel } from '../domain/model.ts';
import type { ForestParams } from '../domain/pipeline-input.ts';
import type { ConsumedBatch } from '../domain/prediction.ts';
import type { EvaluateModelResult } from '../domain/step-results.ts';
import { readJson, writeJson, type ArtifactStore } from './artifact-store.ts';
import type { DataFrames } from './data-frames.ts';
import { withHeartbeat } from './heartbeat.ts';
import type { LoadModel } from './model-cache.ts';
import { predictRows } from './predict-rows.ts';

export interface EvaluateModelInput {
  readonly run: string;
  readonly model: ForestModel;
  readonly forest: ForestParams;
  /** The batch split as read back from the topic; every row has a known rating. */
  readonly rows: ArtifactRef;
}

interface Deps {
  readonly artifacts: ArtifactStore;
  readonly frames: DataFrames;
  readonly loadModel: LoadModel;
}

/** Scores the batch split and writes the model card. A retry writes the same card. */
export function createEvaluateModel({ artifacts, frames, loadModel }: Deps) {
  return async function evaluateModel({
    run,
    model,
    forest,
    rows,
  }: EvaluateModelInput): Promise<EvaluateModelResult> {
    return withHeartbeat(async () => {
      const batch = await readJson<ConsumedBatch>(artifacts, rows);
      const predicted = predictRows(frames, await loadModel(model, batch.features), batch);
      const metrics = regressionMetrics(
        batch.rows.map(({ actual }) => actual ?? Number.NaN),
        predicted,
      );
      const card = {
        model,
        params: forest,
        evaluatedOn: { rows: batch.rows.length, sha256: rows.sha256 },
        metrics,
      };
      return { metrics, card: await writeJson(artifacts, run, 'model-card', batch.rows.length, card) };
    });
  };
}

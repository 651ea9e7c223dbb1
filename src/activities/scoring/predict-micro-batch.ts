import type { ArtifactRef } from '../../domain/artifact.ts';
import { columnsFor } from '../../domain/model/features.ts';
import { batchName } from '../../domain/names.ts';
import type { ConsumedBatch, ScoredBatch } from '../../domain/log/prediction.ts';
import type { PredictMicroBatchResult } from '../../domain/run/step-results.ts';
import type { ModelRef } from '../../domain/stream/stream-input.ts';
import type { JobRef } from '../../domain/stream/stream-job.ts';
import { readJson, writeJson, type ArtifactStore } from '../artifact-store.ts';
import { withHeartbeat } from '../heartbeat.ts';
import type { LoadedModel, LoadModel } from '../training/model-cache.ts';
import type { ResolveModel } from './resolve-model.ts';
import type { StreamJobs } from './stream-jobs.ts';

export interface PredictMicroBatchInput {
  readonly job: JobRef;
  readonly batch: number;
  /** A ConsumedBatch. */
  readonly rows: ArtifactRef;
  /** The champion that `consumeMicroBatch` found; absent when the job names its model. */
  readonly model?: ModelRef;
}

interface Deps {
  readonly artifacts: ArtifactStore;
  readonly loadModel: LoadModel;
  readonly resolveModel: ResolveModel;
  readonly jobs: StreamJobs;
}

/** Scores one consumed micro-batch. Writes artifacts only; a retry gives the same predictions. */
export function createPredictMicroBatch({ artifacts, loadModel, resolveModel, jobs }: Deps) {
  return async function predictMicroBatch({
    job,
    batch,
    rows,
    model: champion,
  }: PredictMicroBatchInput): Promise<PredictMicroBatchResult> {
    return withHeartbeat(async () => {
      const { run, model: ofJob } = await jobs.load(job);
      const model = await resolveModel(champion ?? ofJob);
      const consumed = await readJson<ConsumedBatch>(artifacts, rows);
      const loaded = await loadModel(model);
      const predicted = await predictRows(loaded, consumed);
      const { topic, deadLetters } = consumed;
      const predictions = consumed.rows.map(({ key, rowId, actual, partition, offset }, i) => ({
        key,
        rowId,
        prediction: predicted[i] as number,
        actual,
        modelVersion: model.version,
        source: { topic, partition, offset },
      }));
      const content: ScoredBatch = { topic, predictions, deadLetters };
      const name = `${batchName(batch)}-scored`;
      return { scored: await writeJson(artifacts, run, name, predictions.length, content) };
    });
  };
}

/** One prediction per row, in order. */
async function predictRows(
  model: LoadedModel,
  { features, rows }: ConsumedBatch,
): Promise<ArrayLike<number>> {
  const columns = features.map((_, feature) =>
    Float64Array.from(rows, ({ values }) => values[feature] as number),
  );
  const inOrder = columnsFor(model, features, columns);
  return rows.length === 0 ? [] : model.predictor.predict(inOrder);
}

import type { ArtifactRef } from '../../domain/artifact.ts';
import { batchName } from '../../domain/names.ts';
import { scoredSchema } from '../../domain/log/prediction.ts';
import type { PredictMicroBatchResult } from '../../domain/run/step-results.ts';
import type { ModelRef } from '../../domain/stream/stream-input.ts';
import type { JobRef } from '../../domain/stream/stream-job.ts';
import type { TableBatch } from '../../domain/table.ts';
import { withHeartbeat } from '../heartbeat.ts';
import type { Tables } from '../tables.ts';
import type { LoadModel } from '../training/model-cache.ts';
import { scoreRows } from '../training/score-rows.ts';
import type { ResolveModel } from './resolve-model.ts';
import type { StreamJobs } from './stream-jobs.ts';

export interface PredictMicroBatchInput {
  readonly job: JobRef;
  readonly batch: number;
  /** A table of consumed rows. */
  readonly rows: ArtifactRef;
  /** The champion that `consumeMicroBatch` found; absent when the job names its model. */
  readonly model?: ModelRef;
}

interface Deps {
  readonly tables: Tables;
  readonly loadModel: LoadModel;
  readonly resolveModel: ResolveModel;
  readonly jobs: StreamJobs;
}

/** Scores one consumed micro-batch. Writes artifacts only; a retry gives the same predictions. */
export function createPredictMicroBatch({ tables, loadModel, resolveModel, jobs }: Deps) {
  return async function predictMicroBatch({
    job,
    batch,
    rows,
    model: champion,
  }: PredictMicroBatchInput): Promise<PredictMicroBatchResult> {
    return withHeartbeat(async () => {
      const { run, model: ofJob } = await jobs.load(job);
      const model = await resolveModel(champion ?? ofJob);
      const loaded = await loadModel(model);
      async function* predictions(): AsyncGenerator<TableBatch> {
        for await (const { predicted } of scoreRows(tables, rows, loaded)) {
          yield { rows: predicted.length, columns: [predicted] };
        }
      }
      const name = `${batchName(batch)}-scored`;
      const schema = scoredSchema(model.version);
      return { scored: await tables.write({ run, name, schema, batches: predictions() }) };
    });
  };
}

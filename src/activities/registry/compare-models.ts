import type { ArtifactRef } from '../../domain/artifact.ts';
import { judge } from '../../domain/registry/challenge.ts';
import { rootMeanSquare } from '../../domain/model/metrics.ts';
import { schemaText } from '../../domain/model/features.ts';
import type { ModelProposal, ModelSplit, RegisteredModel } from '../../domain/registry/model-registry.ts';
import type { ConsumedBatch } from '../../domain/log/prediction.ts';
import type { PromotionOptions } from '../../domain/registry/promotion-options.ts';
import type { ModelRef } from '../../domain/stream/stream-input.ts';
import { readJson, type ArtifactStore } from '../artifact-store.ts';
import type { DataFrames } from '../dataset/data-frames.ts';
import type { Digests } from '../log/digests.ts';
import { withHeartbeat } from '../heartbeat.ts';
import type { LoadedModel, LoadModel } from '../training/model-cache.ts';
import type { ModelRegistry } from './model-registry.ts';
import { predictRows } from '../training/predict-rows.ts';

export interface CompareModelsInput {
  readonly run: string;
  readonly model: ModelRef;
  /** Result of `checkDataset`. */
  readonly profile: ArtifactRef;
  /** The batch split as read back from the topic; every row has a known target. */
  readonly rows: ArtifactRef;
  readonly split: ModelSplit;
  /** Columns that could identify a row, when none does. */
  readonly keyCandidates: readonly string[];
  readonly promotion: Pick<PromotionOptions, 'model' | 'maxRmseIncrease'>;
  /** Of the bootstrap. */
  readonly seed: number;
}

interface Deps {
  readonly artifacts: ArtifactStore;
  readonly digests: Digests;
  readonly frames: DataFrames;
  readonly loadModel: LoadModel;
  readonly registry: ModelRegistry;
}

/**
 * Scores the run's model and the champion on the same rows and judges whether the model may replace the champion.
 * Reads only; a retry compares with the model that is champion by then.
 *
 * @throws RegistryError, ArtifactStoreError, ArtifactCorrupt
 */
export function createCompareModels({ artifacts, digests, frames, loadModel, registry }: Deps) {
  return async function compareModels(input: CompareModelsInput): Promise<ModelProposal> {
    const { run, rows, split, profile, keyCandidates, promotion, seed } = input;
    return withHeartbeat(async () => {
      const challenger = await loadModel(input.model);
      const batch = await readJson<ConsumedBatch>(artifacts, rows);
      const actual = batch.rows.map(({ actual: known }) => known ?? Number.NaN);
      const errorsOf = async (of: LoadedModel): Promise<number[]> => {
        const predicted = await predictRows(frames, of, batch);
        return predicted.map((value, i) => value - (actual[i] as number));
      };
      const errors = await errorsOf(challenger);
      const { version, artifact } = input.model;
      const model: RegisteredModel = {
        version,
        artifact,
        profile,
        schemaSha256: digests.sha256(schemaText(challenger)),
        split,
        run,
        rmse: rootMeanSquare(errors),
      };
      const champion = (await registry.champion(promotion.model))?.model ?? null;
      return judge({
        model,
        champion,
        seed,
        errors,
        maxRmseIncrease: promotion.maxRmseIncrease,
        schema: challenger,
        keyCandidates,
        async openChampion(of) {
          const opened = await loadModel(of);
          return { schema: opened, errors: () => errorsOf(opened) };
        },
      });
    });
  };
}

import type { ArtifactRef } from '../../domain/artifact.ts';
import { judge } from '../../domain/registry/challenge.ts';
import { rootMeanSquare } from '../../domain/model/metrics.ts';
import { schemaText } from '../../domain/model/features.ts';
import type { ModelProposal, ModelSplit, RegisteredModel } from '../../domain/registry/model-registry.ts';
import type { PromotionOptions } from '../../domain/registry/promotion-options.ts';
import type { ModelRef } from '../../domain/stream/stream-input.ts';
import type { Digests } from '../log/digests.ts';
import { pause, withHeartbeat } from '../heartbeat.ts';
import type { Tables } from '../tables.ts';
import type { LoadedModel, LoadModel } from '../training/model-cache.ts';
import type { ModelRegistry } from './model-registry.ts';
import { scoreAll } from '../training/score-rows.ts';

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
  readonly digests: Digests;
  readonly tables: Tables;
  readonly loadModel: LoadModel;
  readonly registry: ModelRegistry;
}

/**
 * Scores the run's model and the champion on the same rows and judges whether the model may replace the champion.
 * Reads only; a retry compares with the model that is champion by then.
 *
 * @throws RegistryError, ArtifactStoreError, ArtifactCorrupt
 */
export function createCompareModels({ digests, tables, loadModel, registry }: Deps) {
  return async function compareModels(input: CompareModelsInput): Promise<ModelProposal> {
    const { run, rows, split, profile, keyCandidates, promotion, seed } = input;
    return withHeartbeat(async () => {
      const challenger = await loadModel(input.model);
      const errorsOf = async (of: LoadedModel): Promise<Float64Array> => {
        const { actual, predicted } = await scoreAll(tables, rows, of);
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
        pause,
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

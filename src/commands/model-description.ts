import type { RegressionMetrics } from '../domain/metrics.ts';
import type { FeatureImportance } from '../domain/model.ts';
import type { PermutationImportance } from '../domain/permutation-importance.ts';
import { forestStatistics, type ForestStatistics } from '../forest/forest-statistics.ts';
import type { StoredHeader } from './model-header.ts';
import type { OpenedModel } from './model-source.ts';

/** All that `imdb model show` says. What was not recorded is absent. */
export interface ModelDescription
  extends
    ForestStatistics,
    Omit<StoredHeader, 'importances'>,
    Pick<OpenedModel, 'version' | 'sha256' | 'bytes'> {
  readonly file: string;
  readonly workflowId?: string;
  /** Most important first. */
  readonly importances?: readonly FeatureImportance[];
  /** Most important first, and no more than the run's result holds. */
  readonly permutationImportances?: readonly PermutationImportance[];
  readonly metrics?: { readonly batch: RegressionMetrics };
}

export function describeModel({
  where,
  version,
  sha256,
  bytes,
  header,
  forest,
  run,
}: OpenedModel): ModelDescription {
  const { importances, ...facts } = header;
  const permutation = run?.quality?.permutationImportances;
  return {
    file: where,
    ...(run && { workflowId: run.workflowId, metrics: { batch: run.metrics.batch } }),
    version,
    sha256,
    bytes,
    ...facts,
    ...forestStatistics(forest),
    ...(importances && {
      importances: header.features
        .map((feature, i) => ({ feature, importance: importances[i] as number }))
        .sort((a, b) => b.importance - a.importance),
    }),
    ...(permutation && { permutationImportances: permutation }),
  };
}

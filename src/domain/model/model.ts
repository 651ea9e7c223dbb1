import type { ArtifactRef } from '../artifact.ts';
import { ModelMismatch } from '../errors.ts';
import type { RegressionMetrics } from './metrics.ts';
import type { ForestParams } from '../run/pipeline-input.ts';

/** Description of a model; the first line of its artifact. */
export interface ModelHeader {
  readonly schema: 1;
  readonly engine: ForestParams['engine'];
  readonly params: GrowthParams;
  /** In the order of the training columns. */
  readonly features: readonly string[];
  readonly target: string;
  readonly trainingRows: number;
  /** Of the training rows. */
  readonly datasetSha256: string;
  /** null when every row was in every bag. */
  readonly outOfBag: OutOfBagScore | null;
  /** Mean decrease in impurity by feature, adding up to 1; scikit-learn: feature_importances_ */
  readonly importances: readonly number[];
}

/** The parameters that decide the forest; the number of shards does not. */
export type GrowthParams = Omit<ForestParams, 'shards'>;

/** How well trees predict the training rows that are not in their bags; scikit-learn: oob_score_ is its `r2`. */
export interface OutOfBagScore extends RegressionMetrics {
  /** Rows that are missing from at least one bag. */
  readonly rows: number;
}

const VERSION_DIGITS = 12;

/** @param sha256 of the model artifact */
export function modelVersion(sha256: string): string {
  return sha256.slice(0, VERSION_DIGITS);
}

export interface FeatureImportance {
  readonly feature: string;
  readonly importance: number;
}

/** A run's result must stay small, however many features there are. */
export const SHOWN_FEATURES = 20;

/** The most important features, most important first. */
export function topFeatures(
  features: readonly string[],
  importances: readonly number[],
): readonly FeatureImportance[] {
  return features
    .map((feature, i) => ({ feature, importance: importances[i] ?? 0 }))
    .sort((a, b) => b.importance - a.importance)
    .slice(0, SHOWN_FEATURES);
}

/** A trained model, by reference. */
export interface ForestModel {
  /** First 12 digits of the artifact's sha256: the same training gives the same version. */
  readonly version: string;
  readonly artifact: ArtifactRef;
  readonly engine: ForestParams['engine'];
  readonly features: readonly string[];
  readonly target: string;
  readonly trainingRows: number;
}

const NEWLINE = 0x0a;

export function encodeModel(header: ModelHeader, estimator: Uint8Array): Uint8Array {
  const first = new TextEncoder().encode(`${JSON.stringify(header)}\n`);
  const bytes = new Uint8Array(first.length + estimator.length);
  bytes.set(first);
  bytes.set(estimator, first.length);
  return bytes;
}

/** @throws ModelMismatch when the bytes are not a model, or of an unknown version */
export function decodeModel(
  where: string,
  bytes: Uint8Array,
): { header: ModelHeader; estimator: Uint8Array } {
  const end = bytes.indexOf(NEWLINE);
  const text = new TextDecoder().decode(bytes.subarray(0, Math.max(end, 0)));
  let header: Partial<ModelHeader> | null;
  try {
    header = JSON.parse(text) as Partial<ModelHeader> | null;
  } catch (cause) {
    throw new ModelMismatch({ what: 'not a model file', where, expected: 'a JSON header line', cause });
  }
  if (header?.schema !== 1) {
    throw new ModelMismatch({
      what: 'unknown model format',
      where,
      expected: 'schema 1',
      got: `${header?.schema}`,
    });
  }
  return { header: header as ModelHeader, estimator: bytes.subarray(end + 1) };
}

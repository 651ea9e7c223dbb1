import { decodeModel } from '../../domain/model/model.ts';
import type { ModelRef } from '../../domain/stream/stream-input.ts';
import type { ArtifactStore } from '../artifact-store.ts';
import { requireEngine, type ForestEngine, type Predictor } from './forest-engine.ts';

export type LoadModel = (model: ModelRef) => Promise<LoadedModel>;

/** Features and target are the file's own word, not that of a reference which somebody may have typed. */
export interface LoadedModel extends ModelRef {
  readonly features: readonly string[];
  readonly target: string;
  readonly predictor: Predictor;
}

/** Champion and challenger. */
const CACHED_MODELS = 2;

/**
 * Loading takes longer than scoring a micro-batch, so a worker keeps the newest models. Keyed by sha256: an artifact
 * that changed is another model.
 */
export function createModelCache(artifacts: ArtifactStore, engines: readonly ForestEngine[]): LoadModel {
  const cache = new Map<string, Promise<LoadedModel>>();

  async function load(model: ModelRef): Promise<LoadedModel> {
    const { uri } = model.artifact;
    const { header, estimator } = decodeModel(uri, await artifacts.read(model.artifact));
    const { features, target, engine } = header;
    return { ...model, features, target, predictor: requireEngine(engines, engine).load(estimator, uri) };
  }

  return async (model) => {
    const key = model.artifact.sha256;
    const loading = cache.get(key) ?? load(model);
    cache.delete(key);
    cache.set(key, loading);
    for (const oldest of [...cache.keys()].slice(0, -CACHED_MODELS)) cache.delete(oldest);
    loading.catch(() => cache.delete(key));
    return loading;
  };
}

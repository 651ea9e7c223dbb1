import { LRUCache } from 'lru-cache';
import { decodeModel } from '../../domain/model/model.ts';
import type { ModelRef } from '../../domain/stream/stream-input.ts';
import type { ArtifactStore } from '../artifact-store.ts';
import { requireEngine, type ForestEngine, type Predictor } from './forest-engine.ts';

export type LoadModel = (model: ModelRef) => Promise<LoadedModel>;

/** Features and target are those of the file: a reference may have been typed by hand. */
export interface LoadedModel extends ModelRef {
  readonly features: readonly string[];
  readonly target: string;
  readonly predictor: Predictor;
}

/** Champion and challenger. */
const CACHED_MODELS = 2;

/**
 * Loading takes longer than scoring a micro-batch, so a worker keeps the models that it used last. Keyed by sha256: an
 * artifact that changed is another model.
 */
export function createModelCache(artifacts: ArtifactStore, engines: readonly ForestEngine[]): LoadModel {
  const cache = new LRUCache<string, LoadedModel, ModelRef>({
    max: CACHED_MODELS,
    // Callers still wait for a model that is evicted while it loads.
    ignoreFetchAbort: true,
    async fetchMethod(_sha256, _stale, { context: model }) {
      const { uri } = model.artifact;
      const { header, estimator } = decodeModel(uri, await artifacts.read(model.artifact));
      const { features, target, engine } = header;
      return { ...model, features, target, predictor: requireEngine(engines, engine).load(estimator, uri) };
    },
  });
  return (model) => cache.forceFetch(model.artifact.sha256, { context: model });
}

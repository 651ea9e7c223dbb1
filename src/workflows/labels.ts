import { PIPELINE_STEPS } from '../domain/progress.ts';
import type { StreamModel } from '../domain/stream-input.ts';

/** Thousands separated by hand: the sandbox's Intl follows the worker's locale, and a replay must not. */
export function rows(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}

export function featuresLabel(features: 'numeric' | readonly string[]): string {
  return features === 'numeric'
    ? `numeric features (step 1 of ${PIPELINE_STEPS.length})`
    : `${features.length} features`;
}

export function modelLabel(model: StreamModel): string {
  return `model ${typeof model === 'string' ? model : model.version}`;
}

import type { StreamModel } from '../domain/stream-input.ts';

/** Thousands separated by hand: the sandbox's Intl follows the worker's locale, and a replay must not. */
export function rows(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}

export function featuresLabel(features: 'numeric' | readonly string[]): string {
  return features === 'numeric' ? 'numeric features' : `${features.length} features`;
}

export function modelLabel(model: StreamModel): string {
  return `model ${typeof model === 'string' ? model : model.version}`;
}

import type { StreamModel } from '../domain/stream/stream-input.ts';
import type { PartitionOffset } from '../domain/stream/stream-plan.ts';

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

/** A topic may have hundreds. */
const MAX_SHOWN_PARTITIONS = 6;

/** `[0]@1200, [1]@900` */
export function positionLabel(position: readonly PartitionOffset[]): string {
  const shown = position
    .slice(0, MAX_SHOWN_PARTITIONS)
    .map(({ partition, offset }) => `[${partition}]@${offset}`);
  return shown.join(', ') + (position.length > shown.length ? ', …' : '');
}

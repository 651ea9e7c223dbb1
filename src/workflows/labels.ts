import { describeDialect } from '../domain/dataset/dialect.ts';
import type { LoadDatasetResult } from '../domain/run/step-results.ts';
import type { StreamModel } from '../domain/stream/stream-input.ts';
import type { PartitionOffset } from '../domain/stream/stream-plan.ts';
import { counted, groupDigits } from '../domain/text.ts';

export const rows = groupDigits;

export function featuresLabel(features: 'numeric' | readonly string[]): string {
  return features === 'numeric' ? 'numeric features' : counted(features.length, 'feature');
}

/** `movies-2026-11-22.csv: 3,801 of 5,043 rows kept (2 bad), 15 features, semicolon, gzip` */
export function loadedLabel({
  asOf,
  source,
  rows: { kept, loaded, bad },
  features,
  dialect,
}: LoadDatasetResult): string {
  const file = asOf === undefined ? '' : `${source.path}: `;
  const badRows = bad === 0 ? '' : ` (${rows(bad)} bad)`;
  const counts = `${file}${rows(kept)} of ${rows(loaded)} rows kept${badRows}, ${counted(features.length, 'feature')}`;
  return [counts, describeDialect(dialect)].filter(Boolean).join(', ');
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

import { DataQualityError } from '../../errors.ts';
import { MAX_REPORTED_COLUMNS, type LoadDatasetResult } from '../../run/step-results.ts';
import { describeColumnDrift, hasDrifted, listOf, nameOf, type Drift } from './drift.ts';
import type { QualityOptions } from './quality-options.ts';

/** What the gates look at of a loaded dataset. */
export type CheckedDataset = Pick<LoadDatasetResult, 'source' | 'rows' | 'gaps'>;

export interface QualityLimits extends QualityOptions {
  readonly maxMissing: number;
}

/** Temporal refuses a failure that is too large. */
const MAX_BREACHES_PER_KIND = 5;

/** @throws DataQualityError that names every limit that the dataset exceeds, with its number and setting */
export function requireQuality(dataset: CheckedDataset, drift: Drift, limits: QualityLimits): void {
  const breaches = findBreaches(dataset, drift, limits);
  if (breaches.length === 0) return;
  throw new DataQualityError({
    what: 'the data are not what the input allows',
    where: dataset.source.path,
    got: breaches.join('; '),
    hint: 'Nothing was published. Correct the file and reset the run to load, or start a new run with the setting in parentheses changed',
  });
}

/** A sentence for each limit that is exceeded. */
export function findBreaches(
  dataset: CheckedDataset,
  drift: Drift,
  limits: QualityLimits,
): readonly string[] {
  return [
    ...rowBreaches(dataset, limits),
    ...missingBreaches(dataset, limits),
    ...(limits.onDrift === 'fail' ? driftBreaches(drift) : []),
  ];
}

function rowBreaches(
  { rows: { kept, loaded, dropped, bad, empty, unreadable } }: CheckedDataset,
  { minRows, maxDroppedFraction }: QualityLimits,
): string[] {
  const causes = Object.entries({ bad, empty, unreadable }).map(([cause, rows]) => `${rows} ${cause}`);
  return [
    ...(kept < minRows ? [`${kept} rows are kept, at least ${minRows} must be (quality.minRows)`] : []),
    ...(dropped > maxDroppedFraction * loaded
      ? [
          `${dropped} of ${loaded} rows are dropped (${percent(dropped / loaded)}: ${causes.join(', ')}), ` +
            `at most ${percent(maxDroppedFraction)} may be (quality.maxDroppedFraction)`,
        ]
      : []),
  ];
}

function missingBreaches(dataset: CheckedDataset, { maxMissing }: QualityLimits): string[] {
  const breaches = dataset.gaps
    .map(({ column }) => ({ column, missing: missingShare(dataset, column) ?? 0 }))
    .filter(({ missing }) => missing > maxMissing)
    .map(
      ({ column, missing }) =>
        `"${nameOf(column)}" has no number in ${percent(missing)} of the rows, ` +
        `at most ${percent(maxMissing)} may lack one (quality.maxMissing)`,
    );
  return bounded(breaches, breaches.length, 'columns with too many gaps');
}

function driftBreaches({ champion, columns, drifted, gone, added, formerTarget }: Drift): string[] {
  const against = `model ${champion}`;
  const moved = columns
    .filter(hasDrifted)
    .map(
      (column) =>
        `${describeColumnDrift(column)} against ${against}, at most ${column.limit.toFixed(2)} (quality.maxPsi)`,
    );
  return [
    ...bounded(moved, drifted, 'columns that have drifted'),
    ...(gone.count > 0
      ? [`features of ${against} are gone: ${listOf(gone.names, gone.count)} (quality.onDrift)`]
      : []),
    ...(added.count > 0
      ? [`features are new since ${against}: ${listOf(added.names, added.count)} (quality.onDrift)`]
      : []),
    ...(formerTarget === undefined
      ? []
      : [`${against} predicts "${nameOf(formerTarget)}" (quality.onDrift)`]),
  ];
}

/** Bad rows have no cells that could be told apart. @returns null when the column is not among those whose gaps are known */
export function missingShare(
  { rows, gaps }: Pick<CheckedDataset, 'rows' | 'gaps'>,
  column: string,
): number | null {
  const found = gaps.find((gap) => gap.column === column);
  if (!found) return gaps.length < MAX_REPORTED_COLUMNS ? 0 : null;
  return (found.missing + found.unreadable) / (rows.loaded - rows.bad);
}

function bounded(breaches: readonly string[], count: number, what: string): string[] {
  const shown = breaches.slice(0, MAX_BREACHES_PER_KIND);
  return [...shown, ...(count > shown.length ? [`${count - shown.length} more ${what}`] : [])];
}

/** Rounded away from the limit that it exceeds would hide a breach by less than a percent. */
function percent(share: number): string {
  return `${Number((share * 100).toFixed(1))} %`;
}

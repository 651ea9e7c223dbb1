import { oneLine } from '../../text.ts';
import type { Distribution } from './distribution.ts';
import type { DriftMeasures } from './drift-measures.ts';

/** How the used columns of a dataset are distributed. */
export interface DatasetProfile {
  readonly target: string;
  /** The features, then the target. */
  readonly columns: readonly ColumnProfile[];
}

export interface ColumnProfile extends Distribution {
  readonly column: string;
  /** Share of the file's rows without a number in it; null when it is not known, which is below that of 40 other columns. */
  readonly missing: number | null;
}

/** Rows of a run against those that the champion was trained from: all that were kept, on both sides. */
export interface Drift {
  /** Version of the champion; null when there was none, and nothing to compare with. */
  readonly champion: string | null;
  /** Number of columns that both have. */
  readonly compared: number;
  /** Those that have drifted. */
  readonly drifted: number;
  /** The columns that are furthest above their limits, or closest to them, first; at most {@link MAX_SHOWN_COLUMNS}. */
  readonly columns: readonly ColumnDrift[];
  readonly gone: ColumnNames;
  readonly added: ColumnNames;
  /** The champion predicts another column. */
  readonly formerTarget?: string;
}

export interface ColumnDrift extends Pick<DriftMeasures, 'psi' | 'ks'> {
  readonly column: string;
  /** It has drifted when its PSI is larger: `quality.maxPsi`, or what chance explains with so few rows. */
  readonly limit: number;
  readonly before: ColumnSummary;
  readonly now: ColumnSummary;
}

export type ColumnSummary = Pick<ColumnProfile, 'rows' | 'mean' | 'missing'>;

export interface ColumnNames {
  readonly count: number;
  /** At most {@link MAX_SHOWN_COLUMNS}. */
  readonly names: readonly string[];
}

/** A result must stay small, however many columns there are. */
export const MAX_SHOWN_COLUMNS = 20;

/** Probability that a run without any drift shows some. */
const FALSE_ALARMS = 0.01;

/** For `measureDrift`: the fewer columns, the more each may contribute to {@link FALSE_ALARMS} (Bonferroni). */
export function falseAlarmsOf(columns: number): number {
  return FALSE_ALARMS / columns;
}

/**
 * @param measures of each column that both profiles have, see {@link sharedColumns}
 * @param maxPsi see `quality.maxPsi`
 */
export function judgeDrift(
  champion: { readonly version: string; readonly profile: DatasetProfile } | null,
  today: DatasetProfile,
  measures: ReadonlyMap<string, DriftMeasures>,
  maxPsi: number,
): Drift {
  if (champion === null) {
    return { champion: null, compared: 0, drifted: 0, columns: [], gone: NO_NAMES, added: NO_NAMES };
  }
  const { profile } = champion;
  const formerly = byName(profile);
  const columns = today.columns.flatMap((now): ColumnDrift[] => {
    const measured = measures.get(now.column);
    const before = formerly.get(now.column);
    if (!measured || !before) return [];
    const { psi, ks, chance } = measured;
    return [
      {
        column: now.column,
        psi,
        ks,
        limit: Math.max(maxPsi, chance),
        before: summaryOf(before),
        now: summaryOf(now),
      },
    ];
  });
  columns.sort((a, b) => b.psi / b.limit - a.psi / a.limit);
  return {
    champion: champion.version,
    compared: columns.length,
    drifted: columns.filter(hasDrifted).length,
    columns: columns.slice(0, MAX_SHOWN_COLUMNS),
    gone: namesOf(without(featuresOf(profile), featuresOf(today))),
    added: namesOf(without(featuresOf(today), featuresOf(profile))),
    ...(profile.target !== today.target && { formerTarget: profile.target }),
  };
}

/** Whether there is anything that an operator should look at. */
export function hasChanged({ drifted, gone, added, formerTarget }: Drift): boolean {
  return drifted + gone.count + added.count > 0 || formerTarget !== undefined;
}

export function hasDrifted({ psi, limit }: ColumnDrift): boolean {
  return psi > limit;
}

/** Also of a target that was a feature: the values are compared, not what they are used for. */
export function sharedColumns(before: DatasetProfile, columns: readonly string[]): readonly string[] {
  const formerly = byName(before);
  return columns.filter((column) => formerly.has(column));
}

const SHOWN_IN_LINE = 3;

/** One line: `drift against model 9a97ecc790a4: votes PSI 0.31, budget PSI 0.28; gone: year`. */
export function describeDrift(drift: Drift): string {
  const { champion, columns, drifted, gone, added, formerTarget } = drift;
  if (champion === null) return 'no champion to compare the data with';
  const moved = columns.filter(hasDrifted).slice(0, SHOWN_IN_LINE);
  const parts = [
    listOf(moved.map(describeColumnDrift), drifted),
    ...(gone.count === 0 ? [] : [`gone: ${listOf(gone.names, gone.count)}`]),
    ...(added.count === 0 ? [] : [`new: ${listOf(added.names, added.count)}`]),
    ...(formerTarget === undefined ? [] : [`its target is ${nameOf(formerTarget)}`]),
  ].filter((part) => part !== '');
  return parts.length === 0
    ? `no drift against model ${champion}`
    : `drift against model ${champion}: ${parts.join('; ')}`;
}

/** `votes PSI 0.31` */
export function describeColumnDrift({ column, psi }: Pick<ColumnDrift, 'column' | 'psi'>): string {
  return `${nameOf(column)} PSI ${psi.toFixed(2)}`;
}

/** The first names, and how many more there are. */
export function listOf(names: readonly string[], count: number): string {
  const shown = names.slice(0, SHOWN_IN_LINE).map(nameOf);
  return [...shown, ...(count > shown.length ? [`${count - shown.length} more`] : [])].join(', ');
}

const MAX_NAME_CHARS = 60;

/** A column name is other people's text. */
export function nameOf(column: string): string {
  const name = oneLine(column);
  return name.length > MAX_NAME_CHARS ? `${name.slice(0, MAX_NAME_CHARS)}…` : name;
}

const NO_NAMES: ColumnNames = { count: 0, names: [] };

function namesOf(all: readonly string[]): ColumnNames {
  return { count: all.length, names: all.slice(0, MAX_SHOWN_COLUMNS) };
}

function byName({ columns }: DatasetProfile): ReadonlyMap<string, ColumnProfile> {
  return new Map(columns.map((column) => [column.column, column]));
}

function featuresOf({ columns, target }: DatasetProfile): readonly string[] {
  return columns.map(({ column }) => column).filter((column) => column !== target);
}

function without(names: readonly string[], others: readonly string[]): readonly string[] {
  const gone = new Set(others);
  return names.filter((name) => !gone.has(name));
}

function summaryOf({ rows, mean, missing }: ColumnProfile): ColumnSummary {
  return { rows, mean, missing };
}

import type { ReadColumn } from './numbers/column-reader.ts';

/** A column of the file that the forest does not see. */
export interface LeftOutColumn {
  readonly column: string;
  /** In plain words: `text`, `97 % of its cells have no number`. */
  readonly reason: string;
  /** Its first cell that is not missing; at most 40 characters. */
  readonly sample: string | null;
}

/** Fewer distinct numbers are sorted by chance: at ten the chance is below one in a million (2/10!). */
const INDEX_MIN_ROWS = 10;
/** pandas calls a column without a name so when it reads its own index back. */
const UNNAMED = /^(Unnamed: \d+(\.\d+)?)?$/;

/**
 * The features of `features: "numeric"`, in the order of the columns, and why the others are none. Neither the target
 * nor the key is left out: both are used.
 */
export function chooseFeatures(
  columns: readonly ReadColumn[],
  options: { readonly target: string; readonly key?: string; readonly maxMissing: number },
): { features: string[]; leftOut: LeftOutColumn[] } {
  const features: string[] = [];
  const leftOut: LeftOutColumn[] = [];
  for (const column of columns) {
    if (column.column === options.target || column.column === options.key) continue;
    const reason = whyUnreadable(column) ?? whyUseless(column, options.maxMissing);
    if (reason === null) features.push(column.column);
    else leftOut.push({ column: column.column, reason, sample: column.sample });
  }
  return { features, leftOut };
}

/** Why the column cannot be used even if it is named: no numbers, or no telling which. Null: it can. */
export function whyUnreadable({ rows, missing, unreadable, problem }: ReadColumn): string | null {
  if (missing === rows) return 'empty';
  if (problem !== undefined) return problem;
  return rows - missing - unreadable > unreadable ? null : 'text';
}

function whyUseless(read: ReadColumn, maxMissing: number): string | null {
  const share = (read.missing + read.unreadable) / read.rows;
  if (share > maxMissing) {
    return `${percent(share)} of its cells have no number, dataset.maxMissing is ${percent(maxMissing)}`;
  }
  if (UNNAMED.test(read.column.trim())) return 'an index: it has no name';
  if (read.rows >= INDEX_MIN_ROWS) {
    if (read.isRowNumber) return `an index: ${read.minimum}…${read.maximum}`;
    if (read.isMonotonic) return 'like an index: all distinct and sorted';
  }
  if (read.isConstant) return `constant: every number is ${read.minimum}`;
  return null;
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(1))} %`;
}

/** The rows of the dataset that were kept, column by column. */
export interface RatingTable {
  readonly features: readonly string[];
  readonly target: string;
  /** The row's record number in the file, the header being 1: its line, unless a quoted field spans lines. */
  readonly rowIds: readonly number[];
  /** Rows of equal key are the same film; the key decides the split. */
  readonly keys: readonly string[];
  /** The title if the file has one, else the row number. */
  readonly labels: readonly string[];
  /** One array per feature, all of length `rowIds.length`, finite. */
  readonly columns: readonly (readonly number[])[];
  readonly targets: readonly number[];
}

/** The sub-table of the given row positions, in that order. */
export function takeRows(table: RatingTable, positions: readonly number[]): RatingTable {
  const take = <T>(values: readonly T[]): T[] => positions.map((position) => values[position] as T);
  return {
    features: table.features,
    target: table.target,
    rowIds: take(table.rowIds),
    keys: take(table.keys),
    labels: take(table.labels),
    columns: table.columns.map(take),
    targets: take(table.targets),
  };
}

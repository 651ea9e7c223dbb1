/** Port: data frames. */
export interface DataFrames {
  /**
   * Reads the file as text cells, without guessing types.
   * @param file where it is, and its name for messages
   * @throws DatasetError on an empty file, ragged rows, duplicate headers, or a file that is not a CSV
   */
  readCsv(file: { readonly absolutePath: string; readonly name: string }): Promise<Frame>;
  /** @param rows one vector per row, in the order of `columns` */
  fromRows(columns: readonly string[], rows: readonly (readonly number[])[]): Frame;
}

export interface Frame {
  readonly columns: readonly string[];
  readonly rowCount: number;
  cells(column: string): readonly string[];
  doubles(column: string): readonly number[];
  /** Row vectors, in the order of `columns`. */
  vectors(): readonly (readonly number[])[];
  select(columns: readonly string[]): Frame;
  /** Parses every column into doubles; NaN marks a cell that is no number. */
  castToDouble(parse: (column: string, cells: readonly string[]) => readonly number[]): Frame;
  /** Row positions without a NaN. */
  completeRows(): readonly number[];
  takeRows(positions: readonly number[]): Frame;
}
